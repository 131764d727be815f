import { holds, pack, unpack } from '../../proto/any.ts';
import type { MessageStream } from './message-stream.ts';

const dataName = 'containerd.types.transfer.Data';
const updateName = 'containerd.types.transfer.WindowUpdate';
/** What receivers expect a message to hold at most. */
const chunkMaxBytes = 32 * 1024;
/** Bytes that the daemon may send before it hears that some were taken. */
const windowBytes = 1024 * 1024;

/**
 * Sends bytes on a stream, no more than the daemon has said it takes, and then its end. Returns early when the daemon takes
 * no more: the call that uses the stream knows why.
 * @throws what `source` throws
 */
export async function sendBytes(stream: MessageStream, source: AsyncIterable<Uint8Array>): Promise<void> {
  const window = new Window(stream);
  for await (const chunk of source) {
    for (let offset = 0; offset < chunk.length; ) {
      const length = await window.take(Math.min(chunkMaxBytes, chunk.length - offset));
      if (length === 0) return;
      await stream.send(pack(dataName, { data: chunk.subarray(offset, offset + length) }));
      offset += length;
    }
  }
  stream.end();
}

/** The bytes that the daemon sends on a stream until it ends it. */
export async function* receiveBytes(stream: MessageStream): AsyncGenerator<Buffer> {
  let granted = 0;
  for (;;) {
    if (granted <= windowBytes / 2) {
      void stream.send(pack(updateName, { update: windowBytes - granted }));
      granted = windowBytes;
    }
    const message = await stream.receive();
    if (message === undefined) return;
    if (!holds(message, dataName)) continue;
    const { data } = unpack(dataName, message);
    granted -= data.length;
    if (data.length > 0) yield data;
  }
}

/** What the daemon still takes. */
class Window {
  readonly #stream: MessageStream;
  #bytes = 0;

  constructor(stream: MessageStream) {
    this.#stream = stream;
  }

  /** Takes up to `wanted` bytes of it, waiting until there is any; 0 when there will be no more. */
  async take(wanted: number): Promise<number> {
    while (this.#bytes === 0) {
      const message = await this.#stream.receive().catch(() => undefined);
      if (message === undefined) return 0;
      if (holds(message, updateName)) this.#bytes += Math.max(0, unpack(updateName, message).update);
    }
    const length = Math.min(wanted, this.#bytes);
    this.#bytes -= length;
    return length;
  }
}
