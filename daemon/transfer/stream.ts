import { GantryError } from '../../base/errors.ts';
import { abortable } from '../../base/signals.ts';
import type { Any } from '../../proto/any.ts';

interface Waiting {
  readonly message: Any;
  readonly taken: PromiseWithResolvers<void>;
}

/**
 * The daemon's side of a named stream that a client has opened: messages both ways, in order, each way on its own. It lives
 * until the client goes, or until whoever used it here ends it.
 */
export class Stream {
  readonly name: string;
  readonly #incoming: AsyncIterator<Any, unknown>;
  readonly #outgoing: Waiting[] = [];
  /** Resolved when there is something new for `outgoing`. */
  #news = Promise.withResolvers<void>();
  #end: { readonly error: unknown } | undefined;
  #isDrained = Promise.withResolvers<void>();

  /** @param incoming what the client sends, asked for only when it is wanted */
  constructor(name: string, incoming: AsyncIterator<Any, unknown>) {
    this.name = name;
    this.#incoming = incoming;
  }

  /**
   * The next message; undefined when the client has sent its last.
   * @throws what ended the stream, if the client is gone; the signal's reason
   */
  async receive({ signal }: { readonly signal?: AbortSignal } = {}): Promise<Any | undefined> {
    const next = await abortable(this.#incoming.next(), signal);
    return next.done === true ? undefined : next.value;
  }

  /**
   * Resolves when the message is on its way and another is welcome.
   * @throws what ended the stream
   */
  send(message: Any): Promise<void> {
    if (this.#end !== undefined) return Promise.reject(this.#end.error ?? new GantryError('canceled', this.#gone()));
    const taken = Promise.withResolvers<void>();
    this.#outgoing.push({ message, taken });
    this.#wake();
    return taken.promise;
  }

  /**
   * Ends the stream after what was sent; with an error, that is what the client learns. Only the first end counts.
   * Resolves when everything is on its way or lost.
   */
  end(error?: unknown): Promise<void> {
    if (this.#end === undefined) {
      this.#end = { error };
      this.#wake();
    }
    return this.#isDrained.promise;
  }

  /** What is to be sent, for the one call that carries the stream; the stream is over when it ends. */
  async *outgoing(signal: AbortSignal): AsyncGenerator<Any> {
    try {
      for (;;) {
        const news = this.#news.promise;
        const next = this.#outgoing.shift();
        if (next !== undefined) {
          yield next.message;
          next.taken.resolve();
        } else if (this.#end === undefined) await abortable(news, signal);
        else break;
      }
      if (this.#end.error !== undefined) throw this.#end.error;
    } finally {
      this.#close(signal.aborted ? signal.reason : undefined);
    }
  }

  #close(reason: unknown): void {
    this.#end ??= { error: reason };
    for (const { taken } of this.#outgoing.splice(0)) {
      taken.promise.catch(() => undefined);
      taken.reject(reason ?? new GantryError('canceled', this.#gone()));
    }
    this.#isDrained.resolve();
  }

  #gone(): string {
    return `stream "${this.name}" is over`;
  }

  #wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }
}
