import { type FileHandle, open } from 'node:fs/promises';

const chunkBytes = 64 * 1024;
const lineEnd = 10;

/** One file of a log, open: it can be read to its end even after it was renamed or removed. */
export class LogFile {
  readonly inode: bigint;
  readonly #handle: FileHandle;
  /** Where the first line begins that was not given yet. */
  #at = 0;

  private constructor(handle: FileHandle, inode: bigint) {
    this.#handle = handle;
    this.inode = inode;
  }

  /** @throws ENOENT */
  static async open(path: string): Promise<LogFile> {
    const handle = await open(path, 'r');
    try {
      return new LogFile(handle, (await handle.stat({ bigint: true })).ino);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** The complete lines from where the last call ended, in batches, without their ends. */
  async *lines(): AsyncGenerator<Buffer[], void, undefined> {
    let sizeBytes = chunkBytes;
    // Somebody has emptied it.
    if ((await this.#handle.stat()).size < this.#at) this.#at = 0;
    for (;;) {
      const { buffer, bytesRead } = await this.#handle.read(Buffer.allocUnsafe(sizeBytes), 0, sizeBytes, this.#at);
      const bytes = buffer.subarray(0, bytesRead);
      const end = bytes.lastIndexOf(lineEnd) + 1;
      // What follows the last line end is not kept: a write that fails half-way is taken back.
      if (end > 0) {
        this.#at += end;
        yield split(bytes.subarray(0, end));
      } else if (bytesRead < sizeBytes) {
        return;
      } else {
        sizeBytes *= 2;
      }
    }
  }

  /** Goes back from the end by so many lines. Returns how many fewer there are. */
  async seekLines(count: number): Promise<number> {
    let missing = count + 1; // the end of the line before the first that is wanted
    let { size: at } = await this.#handle.stat();
    while (at > 0) {
      const length = Math.min(at, chunkBytes);
      at -= length;
      const { buffer } = await this.#handle.read(Buffer.alloc(length), 0, length, at);
      for (let end = buffer.lastIndexOf(lineEnd); end >= 0; end = end > 0 ? buffer.lastIndexOf(lineEnd, end - 1) : -1) {
        missing -= 1;
        if (missing === 0) {
          this.#at = at + end + 1;
          return 0;
        }
      }
    }
    this.#at = 0;
    return missing - 1;
  }
}

function split(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(lineEnd, at);
    lines.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return lines;
}
