import { fstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { GantryError } from '../../base/errors.ts';
import type { ContentReader } from './content.ts';
import { readChunks } from './digester.ts';

/** A blob's file. */
export class BlobReader implements ContentReader {
  readonly sizeBytes: number;
  readonly #file: FileHandle;
  #closing: Promise<void> | undefined;

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
}
