import {
  type BigIntStats,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from 'node:fs';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/**
 * A directory of a tree that others may be changing. What is in it is reached through the open directory and never by its
 * path, and no symbolic link is followed, so whatever is renamed or swapped meanwhile, nothing outside the tree is read.
 *
 * Names are bytes and need not be text: they are kept as `latin1` strings, one character for each byte. All of it waits for
 * the disk: it is for threads that have nothing else to do.
 */
export class OpenDirectory implements Disposable {
  readonly fd: number;
  #isOpen = true;

  private constructor(fd: number) {
    this.fd = fd;
  }

  /** Opens the top of a tree. */
  static top(path: string): OpenDirectory {
    return new OpenDirectory(openSync(path, O_RDONLY | O_DIRECTORY));
  }

  /** The names in it, in byte order. */
  names(): string[] {
    return readdirSync(this.#self(), { encoding: 'latin1' }).sort();
  }

  /** What `name` is, itself and not what it may point to; undefined if there is none. */
  stat(name: string): BigIntStats | undefined {
    return lstatSync(this.#path(name), { bigint: true, throwIfNoEntry: false });
  }

  directory(name: string): OpenDirectory {
    return new OpenDirectory(openSync(this.#path(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  }

  /** Opens a file for reading; one that has become a FIFO meanwhile does not block. */
  file(name: string): OpenFile {
    return new OpenFile(openSync(this.#path(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  }

  /** The target of a symbolic link, one character for each byte. */
  linkTarget(name: string): string {
    return readlinkSync(this.#path(name), { encoding: 'latin1' });
  }

  close(): void {
    if (this.#isOpen) closeSync(this.fd);
    this.#isOpen = false;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #self(): string {
    return `/proc/self/fd/${this.fd}`;
  }

  #path(name: string): Buffer {
    return Buffer.from(`${this.#self()}/${name}`, 'latin1');
  }
}

/** A file to be read from its start. */
export class OpenFile implements Disposable {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Reads on until the buffer is full or the file ends; returns the number of bytes read. */
  fill(buffer: Buffer): number {
    let filled = 0;
    while (filled < buffer.length) {
      const bytesRead = readSync(this.#fd, buffer, filled, buffer.length - filled, null);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
