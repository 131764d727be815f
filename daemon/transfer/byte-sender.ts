import { GantryError } from '../../base/errors.ts';
import { abortable } from '../../base/signals.ts';
import { type Any, holds, pack, unpack } from '../../proto/any.ts';
import type { Stream } from './stream.ts';

const updateName = 'containerd.types.transfer.WindowUpdate';
/** What clients expect a message to hold at most. */
const maxChunkBytes = 32 * 1024;

/** Sends bytes on a stream, no more than the client has said it takes. One write at a time. */
export class ByteSender {
  readonly #stream: Stream;
  readonly #signal: AbortSignal;
  #windowBytes = 0;
  #updated = Promise.withResolvers<void>();
  #failure: { readonly error: unknown } | undefined;

  /** @param options signal: gives up waiting for the client */
  constructor(stream: Stream, { signal }: { readonly signal: AbortSignal }) {
    this.#stream = stream;
    this.#signal = signal;
    void this.#followWindow();
  }

  /** Resolves when all bytes are on their way. The bytes may be used again then. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length; ) {
      while (this.#windowBytes === 0) {
        if (this.#failure !== undefined) throw this.#failure.error;
        await abortable(this.#updated.promise, this.#signal);
      }
      const length = Math.min(maxChunkBytes, this.#windowBytes, bytes.length - offset);
      const data = bytes.subarray(offset, offset + length);
      this.#windowBytes -= length;
      offset += length;
      await abortable(this.#stream.send(pack('containerd.types.transfer.Data', { data })), this.#signal);
    }
  }

  /** The last byte was sent, or with an error never will be; the client is told. */
  end(error?: unknown): Promise<void> {
    return this.#stream.end(error);
  }

  async #followWindow(): Promise<void> {
    try {
      for (;;) {
        const message = await this.#stream.receive({ signal: this.#signal });
        if (message === undefined)
          throw new GantryError('canceled', `stream "${this.#stream.name}": client takes no more`);
        this.#grant(message);
      }
    } catch (error) {
      this.#failure = { error };
      this.#updated.resolve();
    }
  }

  #grant(message: Any): void {
    if (!holds(message, updateName)) return;
    const { update } = unpack(updateName, message);
    if (update <= 0) return;
    this.#windowBytes = Math.min(this.#windowBytes + update, Number.MAX_SAFE_INTEGER);
    this.#updated.resolve();
    this.#updated = Promise.withResolvers<void>();
  }
}
