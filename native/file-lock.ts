import { GantryError } from '../base/errors.ts';
import { binding } from './binding.ts';
import { errnoOf, native, nativeSync } from './errno.ts';

/** An exclusive lock on a file. It ends with `close()`, or with the process, however that ends. */
export class FileLock implements Disposable {
  readonly path: string;
  #fd: number;

  /** For `lockFile` only. */
  constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
  }

  /** Gives the lock up; the file stays. */
  close(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    nativeSync(() => binding().closeDescriptor(fd), this.path);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Takes the lock or fails at once: see `Sys.lockFile`. */
export async function lockFile(path: string): Promise<FileLock> {
  try {
    return new FileLock(path, await native(() => binding().lockFile(path)));
  } catch (error) {
    if (errnoOf(error) !== 'EAGAIN') throw error;
    throw new GantryError('failed-precondition', `${path} is locked by another process`, { cause: error });
  }
}
