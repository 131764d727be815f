import { randomHex } from '../../base/ids.ts';
import { linkedController } from '../../base/signals.ts';
import { type Any, pack } from '../../proto/any.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';

interface Waiting {
  readonly message: Any;
  readonly taken: PromiseWithResolvers<void>;
}

/**
 * The client's side of a named stream of containerd's Streaming service: messages both ways, each way on its own. Another
 * call to the daemon names it to have it used.
 */
export class MessageStream implements AsyncDisposable {
  /** The name by which the daemon knows it. */
  readonly id: string;
  readonly #controller: AbortController & Disposable;
  readonly #messages: AsyncGenerator<Any, void, undefined>;
  readonly #outgoing: Waiting[] = [];
  #isEnded = false;
  /** Resolved when there is something new for `#requests`. */
  #news = Promise.withResolvers<void>();

  private constructor(client: Client, prefix: string, { signal, ...options }: CallOptions) {
    this.id = `${prefix}-${randomHex(8)}`;
    this.#controller = linkedController(signal);
    const call = { ...options, signal: this.#controller.signal };
    this.#messages = client.service('containerd.services.streaming.v1.Streaming').Stream(this.#requests(), call);
  }

  /** Opens a stream; returns when the daemon knows it. Its name begins with `prefix`. */
  static async open(client: Client, prefix: string, options: CallOptions = {}): Promise<MessageStream> {
    const stream = new MessageStream(client, prefix, options);
    void stream.send(pack('containerd.services.streaming.v1.StreamInit', { id: stream.id }));
    try {
      await stream.#messages.next();
    } catch (error) {
      await stream.close();
      throw error;
    }
    return stream;
  }

  /** Resolves when the message is on its way and another is welcome, or when the stream is over. */
  async send(message: Any): Promise<void> {
    if (this.#isEnded) return;
    const taken = Promise.withResolvers<void>();
    this.#outgoing.push({ message, taken });
    this.#wake();
    await taken.promise;
  }

  /** The next message; undefined when the daemon has ended the stream. */
  async receive(): Promise<Any | undefined> {
    const next = await this.#messages.next();
    return next.done === true ? undefined : next.value;
  }

  /** Nothing more is sent after what was; the daemon may go on. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  /** Ends the stream both ways, wherever it is. Idempotent. */
  async close(): Promise<void> {
    this.end();
    this.#controller.abort();
    this.#controller[Symbol.dispose]();
    await this.#messages.return(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async *#requests(): AsyncGenerator<Any> {
    try {
      for (;;) {
        const news = this.#news.promise;
        const next = this.#outgoing.shift();
        if (next !== undefined) {
          yield next.message;
          next.taken.resolve();
        } else if (this.#isEnded) return;
        else await news;
      }
    } finally {
      this.#isEnded = true;
      for (const { taken } of this.#outgoing.splice(0)) taken.resolve();
    }
  }

  #wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }
}
