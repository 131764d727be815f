import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { invalidArgument } from '../../base/errors.ts';

const chunkSizeBytes = 1024 * 1024;

/** The part of the native hasher that content needs: SHA-256, away from the event loop. */
export interface Hasher {
  update(bytes: Uint8Array): Promise<void>;
  write(fd: number, bytes: Uint8Array, position: number): Promise<void>;
  /** `sha256:…` of everything so far. */
  digest(): string;
}

/** A hasher for the algorithms that the addon has not. They are rare, and at 1 MiB per step do not hold up the loop. */
class NodeHasher {
  readonly #algorithm: string;
  readonly #hash: Hash;

  constructor(algorithm: string) {
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
  }

  async update(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
  }

  digest(): string {
    return `${this.#algorithm}:${this.#hash.copy().digest('hex')}`;
  }
}

/** The digest of the first `length` bytes of an open file, by any algorithm a digest can have. */
export async function digestOfFile(file: FileHandle, length: number, algorithm: string): Promise<string> {
  if (algorithm !== 'sha384' && algorithm !== 'sha512') {
    throw invalidArgument(`unsupported digest algorithm ${algorithm}`);
  }
  const hasher = new NodeHasher(algorithm);
  for await (const chunk of readChunks(file, 0, length)) await hasher.update(chunk);
  return hasher.digest();
}

/** A range of a file in chunks of at most 1 MiB, each in a buffer of its own. Ends early where the file does. */
export async function* readChunks(file: FileHandle, offset: number, length: number): AsyncGenerator<Buffer> {
  const end = offset + length;
  for (let position = offset; position < end; ) {
    const buffer = Buffer.allocUnsafe(Math.min(chunkSizeBytes, end - position));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
