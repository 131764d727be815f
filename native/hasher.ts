import { binding, type Handle } from './binding.ts';
import { native, nativeSync } from './errno.ts';

/**
 * An incremental SHA-256, computed off the event loop.
 *
 * One operation at a time: each must have settled before the next is started, else the next fails with
 * failed-precondition (EBUSY). The buffer must not change until then.
 */
export class Hasher {
  readonly #handle: Handle = nativeSync(() => binding().hashCreate());
  #sizeBytes = 0;

  /** How many bytes have been taken in. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async update(bytes: Uint8Array): Promise<void> {
    await native(() => binding().hashUpdate(this.#handle, bytes), 'hasher');
    this.#sizeBytes += bytes.length;
  }

  /**
   * Writes all bytes to the descriptor at `position` and takes them in, in one go. After a failure nothing was taken
   * in, though some bytes may have been written.
   * @throws GantryError resource-exhausted when the disk is full
   */
  async write(fd: number, bytes: Uint8Array, position: number): Promise<void> {
    await native(() => binding().hashWrite(this.#handle, fd, bytes, position), `descriptor ${fd}`);
    this.#sizeBytes += bytes.length;
  }

  /** The digest (`sha256:…`) of everything taken in so far; more can follow. */
  digest(): string {
    return `sha256:${nativeSync(() => binding().hashDigest(this.#handle), 'hasher')}`;
  }
}
