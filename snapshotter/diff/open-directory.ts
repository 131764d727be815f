import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readlink } from 'node:fs/promises';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/**
 * A directory of a tree that others may be changing. What is in it is reached through the open directory and never by its
 * path, and no symbolic link is followed, so whatever is renamed or swapped meanwhile, nothing outside the tree is read.
 *
 * Names are bytes and need not be text: they are kept as `latin1` strings, one character for each byte.
 */
export class OpenDirectory implements AsyncDisposable {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Opens the top of a tree. */
  static async top(path: string): Promise<OpenDirectory> {
    return new OpenDirectory(await open(path, O_RDONLY | O_DIRECTORY));
  }

  /** The names in it, in byte order. */
  async names(): Promise<string[]> {
    return (await readdir(this.#self(), { encoding: 'latin1' })).sort();
  }

  /** What `name` is, itself and not what it may point to. */
  stat(name: string): Promise<BigIntStats> {
    return lstat(this.#path(name), { bigint: true });
  }

  async directory(name: string): Promise<OpenDirectory> {
    return new OpenDirectory(await open(this.#path(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  }

  /** Opens a file for reading; one that has become a FIFO meanwhile does not block. */
  file(name: string): Promise<FileHandle> {
    return open(this.#path(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  }

  /** The target of a symbolic link, one character for each byte. */
  linkTarget(name: string): Promise<string> {
    return readlink(this.#path(name), { encoding: 'latin1' });
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #self(): string {
    return `/proc/self/fd/${this.#handle.fd}`;
  }

  #path(name: string): Buffer {
    return Buffer.from(`${this.#self()}/${name}`, 'latin1');
  }
}
