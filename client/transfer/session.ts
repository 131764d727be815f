import { linkedController } from '../../base/signals.ts';
import type { Any } from '../../proto/any.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { MessageStream } from './message-stream.ts';

/** One end of a transfer: opens the streams it needs and says what it is, as a message of `containerd.types.transfer`. */
export type Endpoint = (session: TransferSession) => Promise<Any>;

/** What lasts as long as one transfer: its streams, and the work that is done on them meanwhile. */
export class TransferSession implements AsyncDisposable {
  readonly #client: Client;
  readonly #controller: AbortController & Disposable;
  readonly #streams = new AsyncDisposableStack();
  readonly #work: Promise<void>[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(client: Client, { signal }: CallOptions) {
    this.#client = client;
    this.#controller = linkedController(signal);
  }

  /** Aborts when the transfer is given up, with the reason. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** A stream that is closed with the session. */
  async openStream(prefix: string): Promise<MessageStream> {
    return this.#streams.use(await MessageStream.open(this.#client, prefix, { signal: this.signal }));
  }

  /** Lets work go on beside the transfer, which is given up if the work fails. It ends at the latest with its stream. */
  beside(work: Promise<void>): void {
    work.catch((error: unknown) => this.#giveUp(error));
  }

  /** As `beside`, but the transfer is not done before the work is. */
  toTheEnd(work: Promise<void>): void {
    this.#work.push(work.catch((error: unknown) => this.#giveUp(error)));
  }

  /** Resolves when all work that goes to the end is done. */
  async finished(): Promise<void> {
    await Promise.all(this.#work);
  }

  /** The first failure of work beside the transfer; it has the transfer canceled. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#streams.disposeAsync();
    this.#controller[Symbol.dispose]();
  }

  #giveUp(error: unknown): void {
    if (this.signal.aborted) return;
    this.#failure = { error };
    this.#controller.abort();
  }
}
