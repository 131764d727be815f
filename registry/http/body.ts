import type { Dispatcher } from 'undici';
import { GantryError } from '../../base/errors.ts';

/** What may wait here before the socket is told to stop. A read from it brings 64 KiB at most. */
const highWaterBytes = 512 * 1024;
/** A connection is worth reading that much that nobody wants. */
const maxDiscardedBytes = 64 * 1024;

/**
 * The body of an answer: chunks as the parser cut them, uncopied. The socket is paused while too much waits to be read.
 * It has to be read to its end, discarded or closed, or its connection is lost to others.
 */
export class AnswerBody implements AsyncIterableIterator<Buffer> {
  readonly #controller: Dispatcher.DispatchController;
  #chunks: Buffer[] = [];
  #next = 0;
  #waitingBytes = 0;
  /** Absent while somebody reads. */
  #discardedBytes: number | undefined;
  #end: { readonly error?: unknown } | undefined;
  #reader: { resolve: (result: IteratorResult<Buffer>) => void; reject: (error: unknown) => void } | undefined;

  constructor(controller: Dispatcher.DispatchController) {
    this.#controller = controller;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Buffer>> {
    const chunk = this.#chunks[this.#next];
    if (chunk !== undefined) return Promise.resolve({ value: this.#take(chunk), done: false });
    if (this.#end?.error !== undefined) return Promise.reject(this.#end.error);
    if (this.#end !== undefined) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  async return(): Promise<IteratorResult<Buffer>> {
    this.close();
    return { value: undefined, done: true };
  }

  /**
   * Gives up what is not read yet, and with it the connection if more was to come. Idempotent.
   * @param error what a reader is told
   */
  close(error = new GantryError('canceled', 'the body was closed before its end')): void {
    this.#chunks = [];
    this.#next = 0;
    if (this.#end !== undefined) return;
    this.#finish({ error });
    this.#controller.abort(error);
  }

  /** Lets a short rest come and go unread, so that the connection can be used again; gives up a long one. Idempotent. */
  discard(): void {
    this.#chunks = [];
    this.#next = 0;
    this.#waitingBytes = 0;
    if (this.#end !== undefined || this.#discardedBytes !== undefined) return;
    this.#discardedBytes = 0;
    this.#controller.resume();
  }

  /** Takes a chunk from the parser. */
  push(chunk: Buffer): void {
    if (this.#end !== undefined) return;
    if (this.#discardedBytes !== undefined) {
      this.#discardedBytes += chunk.length;
      if (this.#discardedBytes > maxDiscardedBytes) this.close();
      return;
    }
    if (this.#reader !== undefined) {
      const { resolve } = this.#reader;
      this.#reader = undefined;
      resolve({ value: chunk, done: false });
      return;
    }
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes >= highWaterBytes) this.#controller.pause();
  }

  /** Nothing comes any more, by the answer's end or by an error. The first of the two counts. */
  settle(error?: unknown): void {
    if (this.#end === undefined) this.#finish(error === undefined ? {} : { error });
  }

  #finish(end: { readonly error?: unknown }): void {
    this.#end = end;
    const reader = this.#reader;
    this.#reader = undefined;
    if (end.error === undefined) reader?.resolve({ value: undefined, done: true });
    else reader?.reject(end.error);
  }

  #take(chunk: Buffer): Buffer {
    this.#next += 1;
    if (this.#next === this.#chunks.length) {
      this.#chunks = [];
      this.#next = 0;
    }
    const before = this.#waitingBytes;
    this.#waitingBytes -= chunk.length;
    if (before >= highWaterBytes && this.#waitingBytes < highWaterBytes && this.#end === undefined) {
      this.#controller.resume();
    }
    return chunk;
  }
}

/** Long enough for what is small, however far away; a host that sends byte by byte is not waited for. */
const smallBodyTimeoutMs = 60_000;

/**
 * Reads a small body to its end.
 * @throws GantryError resource-exhausted for more than `maxBytes`, deadline-exceeded if it takes too long; what `body` throws
 */
export async function readBody(body: AnswerBody, maxBytes: number, timeoutMs = smallBodyTimeoutMs): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const timer = setTimeout(
    () => body.close(new GantryError('deadline-exceeded', `the answer took longer than ${timeoutMs / 1_000} s`)),
    timeoutMs,
  );
  try {
    for await (const chunk of body) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes)
        throw new GantryError('resource-exhausted', `the answer is larger than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks, sizeBytes);
}
