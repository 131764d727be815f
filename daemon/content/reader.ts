import { fstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { GantryError } from '../../base/errors.ts';
import type { ContentReader } from './content.ts';
import { readChunks } from './digester.ts';

/** Up to this size a read that goes on where the last one ended is answered out of a window of the file. */
const smallReadBytes = 128 * 1024;
const windowBytes = 1024 * 1024;

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

  /** The range out of the window, moved along if the reads are in sequence; undefined to read the file instead. */
  async #readSmall(offset: number, end: number): Promise<Buffer | undefined> {
    const isNext = offset > 0 && offset === this.#lastEnd;
    this.#lastEnd = end;
    const known = within(this.#window, offset, end);
    if (known !== undefined || !isNext || end === offset) return known;
    const buffer = Buffer.allocUnsafe(Math.min(windowBytes, this.sizeBytes - offset));
    const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, offset);
    this.#window = { start: offset, bytes: buffer.subarray(0, bytesRead) };
    return within(this.#window, offset, end);
  }
}

function within(window: Window | undefined, offset: number, end: number): Buffer | undefined {
  if (window === undefined || offset < window.start || end > window.start + window.bytes.length) return undefined;
  return window.bytes.subarray(offset - window.start, end - window.start);
}
