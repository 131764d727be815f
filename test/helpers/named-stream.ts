import type { Client } from '../../client/client.ts';
import { RequestQueue } from '../../client/content/request-queue.ts';
import { type Any, pack } from '../../proto/any.ts';

/** A client's side of a named stream, message by message. */
export class NamedStream implements Disposable {
  readonly name: string;
  readonly #requests: RequestQueue<Any>;
  readonly #responses: AsyncIterator<Any>;
  readonly #abort: AbortController;

  private constructor(
    name: string,
    requests: RequestQueue<Any>,
    responses: AsyncIterator<Any>,
    abort: AbortController,
  ) {
    this.name = name;
    this.#requests = requests;
    this.#responses = responses;
    this.#abort = abort;
  }

  /** Resolves when the daemon knows the name. */
  static async open(client: Client, name: string): Promise<NamedStream> {
    const requests = new RequestQueue<Any>();
    const abort = new AbortController();
    requests.push(pack('containerd.services.streaming.v1.StreamInit', { id: name }));
    const { Stream } = client.service('containerd.services.streaming.v1.Streaming');
    const responses = Stream(requests, { signal: abort.signal });
    const { value } = await responses.next();
    if (value?.typeUrl !== 'google.protobuf.Empty') throw new Error(`stream was answered with ${value?.typeUrl}`);
    return new NamedStream(name, requests, responses, abort);
  }

  send(message: Any): void {
    this.#requests.push(message);
  }

  /** The next message; undefined when the daemon has ended the stream. */
  async receive(): Promise<Any | undefined> {
    const { done, value } = await this.#responses.next();
    return done === true ? undefined : value;
  }

  /** Sends no more. */
  end(): void {
    this.#requests.end();
  }

  /** Goes away without a word. */
  [Symbol.dispose](): void {
    this.#abort.abort();
    this.#responses.return?.(undefined).catch(() => undefined);
  }
}
