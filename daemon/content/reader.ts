import { fstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { GantryError } from '../../base/errors.ts';
import type { ContentReader } from './content.ts';
import { readChunks } from './digester.ts';

/** Up to this size a read that goes on where the last one ended is answered out of a window of the file. */
const smallReadBytes = 128 * 1024;
const windowBytes = 1024 * 1024;
/** A blob up to this size (manifests, configurations) is read as a whole: a run of a container reads it several times. */
const wholeBlobBytes = 64 * 1024;

/** Bytes of the file that were read before anybody asked for them. */
interface Window {
  readonly start: number;
  readonly bytes: Buffer;
}

/** A blob's file. */
export class BlobReader implements ContentReader {
  readonly sizeBytes: number;
  readonly #file: FileHandle;
  #closing: Promise<void> | undefined;
  /** Clients of containerd read a blob in calls of 32 KiB each, where waiting for a thread costs more than the bytes. */
  #window: Window | undefined;
  /** Where the last small read ended. */
  #lastEnd = 0;

  private constructor(file: FileHandle, sizeBytes: number) {
    this.#file = file;
    this.sizeBytes = sizeBytes;
  }

  static async open(path: string): Promise<BlobReader> {
    const file = await open(path, 'r');
    try {
      // Of an open file it takes no disk, and less time than asking another thread for it.
      return new BlobReader(file, fstatSync(file.fd).size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async *chunks(offset: number, length: number): AsyncGenerator<Buffer> {
    const end = Math.min(offset + length, this.sizeBytes);
    if (end <= offset) return;
    const near = end - offset <= smallReadBytes ? await this.#readSmall(offset, end) : undefined;
    if (near !== undefined) {
      yield near;
      return;
    }
    let position = offset;
    for await (const chunk of readChunks(this.#file, offset, end - offset)) {
      position += chunk.length;
      yield chunk;
    }
    if (position < end) throw new GantryError('data-loss', `blob ends at byte ${position} of ${this.sizeBytes}`);
  }

  close(): Promise<void> {
    this.#closing ??= this.#file.close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The range out of the window, moved along if that is worth it; undefined to read the file instead. */
  async #readSmall(offset: number, end: number): Promise<Buffer | undefined> {
    const isNext = offset > 0 && offset === this.#lastEnd;
    this.#lastEnd = end;
    const known = within(this.#window, offset, end);
    if (known !== undefined) return known;
    if (this.sizeBytes <= wholeBlobBytes) return within(await this.#moveWindow(0), offset, end);
    return isNext ? within(await this.#moveWindow(offset), offset, end) : undefined;
  }

  async #moveWindow(start: number): Promise<Window> {
    const buffer = Buffer.allocUnsafe(Math.min(windowBytes, this.sizeBytes - start));
    const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, start);
    this.#window = { start, bytes: buffer.subarray(0, bytesRead) };
    return this.#window;
  }
}

function within(window: Window | undefined, offset: number, end: number): Buffer | undefined {
  if (window === undefined || offset < window.start || end > window.start + window.bytes.length) return undefined;
  return window.bytes.subarray(offset - window.start, end - window.start);
}
