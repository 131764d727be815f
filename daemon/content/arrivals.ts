import { writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { abortable } from '../../base/signals.ts';
import type { Pipe, PipeEnd } from '../../native/sys.ts';
import type { BlobSource } from './content.ts';

export interface PipeMaker {
  makePipe(): Pipe;
}

/** Ticks are sent ever more rarely as a blob grows, so that a pipe nobody reads never has as many as it can hold. */
const ticksPerDoubling = 2_048;

/** A blob that is on its way into a namespace: what has come of it can be read before it is whole. */
export class Arrival {
  readonly #begun = Promise.withResolvers<void>();
  readonly #whole = Promise.withResolvers<void>();
  readonly #growth = new Set<PipeEnd>();
  #path: string | undefined;
  #offset = 0;
  #tickedAt = 0;
  #isOver = false;

  constructor() {
    // Nobody need wait for it.
    this.#begun.promise.catch(() => undefined);
    this.#whole.promise.catch(() => undefined);
  }

  /** Resolves when the first bytes are there, or all; rejects if it comes to nothing. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Resolves when the blob is in the namespace, its bytes checked; rejects with what went wrong. */
  get whole(): Promise<void> {
    return this.#whole.promise;
  }

  /** It is in the namespace, or comes to nothing. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Bytes that are there. */
  get offset(): number {
    return this.#offset;
  }

  /** There is something of it, in a file if the store has its blobs in files. */
  grew(offset: number, path: string | undefined): void {
    this.#path = path;
    this.#offset = offset;
    if (offset > 0) this.#begun.resolve();
    if (offset - this.#tickedAt < offset / ticksPerDoubling) return;
    this.#tickedAt = offset;
    for (const { fd } of this.#growth) writeSync(fd, '.');
  }

  /** It is in the namespace. */
  finish(): void {
    this.#end();
    this.#begun.resolve();
    this.#whole.resolve();
  }

  fail(error: unknown): void {
    this.#end();
    this.#begun.reject(error);
    this.#whole.reject(error);
  }

  /**
   * Runs `body` with what native code can read the bytes from as they come, and resolves when the blob is whole as well.
   * Undefined, without having run it, where there is no such file.
   * @throws what the blob came to nothing by, rather than what that made of `body`
   */
  async withSource<T>(
    sys: PipeMaker,
    body: (source: BlobSource) => Promise<T>,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<{ readonly value: T } | undefined> {
    const file = await this.#open();
    if (file === undefined) return undefined;
    try {
      const value = await this.#follow(sys, file, body);
      await abortable(this.whole, signal);
      return { value };
    } catch (error) {
      if (this.#isOver) await this.whole;
      throw error;
    } finally {
      await file.close();
    }
  }

  async #follow<T>(sys: PipeMaker, file: FileHandle, body: (source: BlobSource) => Promise<T>): Promise<T> {
    const { reader, writer } = sys.makePipe();
    if (this.#isOver) writer.close();
    else this.#growth.add(writer);
    try {
      return await body({ fd: file.fd, offsetBytes: 0, growthFd: reader.fd });
    } finally {
      this.#growth.delete(writer);
      writer.close();
      reader.close();
    }
  }

  async #open(): Promise<FileHandle | undefined> {
    if (this.#path === undefined || this.#isOver) return undefined;
    try {
      return await open(this.#path, 'r');
    } catch (error) {
      // It has just become a blob.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #end(): void {
    this.#isOver = true;
    for (const writer of this.#growth) writer.close();
    this.#growth.clear();
  }
}

/** The blobs that are on their way, by namespace and digest. */
export class Arrivals {
  readonly #arrivals = new Map<string, Arrival>();

  /** Announces a blob; it is found until it is over. */
  announce(namespace: string, digest: string): Arrival {
    const key = `${namespace}\0${digest}`;
    const arrival = new Arrival();
    this.#arrivals.set(key, arrival);
    const forget = () => {
      if (this.#arrivals.get(key) === arrival) this.#arrivals.delete(key);
    };
    arrival.whole.then(forget, forget);
    return arrival;
  }

  find(namespace: string, digest: string): Arrival | undefined {
    return this.#arrivals.get(`${namespace}\0${digest}`);
  }
}
