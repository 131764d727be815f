import { holds, pack, unpack } from '../../proto/any.ts';
import type { Stream } from './stream.ts';

const dataName = 'containerd.types.transfer.Data';

/**
 * Bytes a client may send before it hears that some were taken. containerd's own 64 KiB make the sender wait for every
 * second message.
 */
const windowBytes = 1024 * 1024;

/**
 * The bytes that a client sends on a stream until its last, no more of them in memory than the window. Messages that are
 * not data are passed over, as containerd does.
 * @throws what ended the stream, if that was not the client's last byte; the signal's reason
 */
export async function* receiveBytes(
  stream: Stream,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<Buffer> {
  let granted = 0;
  for (;;) {
    if (granted <= windowBytes / 2) {
      const update = windowBytes - granted;
      // A client that has sent all it has need not hear of this any more.
      stream.send(pack('containerd.types.transfer.WindowUpdate', { update })).catch(() => undefined);
      granted = windowBytes;
    }
    const message = await stream.receive({ signal });
    if (message === undefined) return;
    if (!holds(message, dataName)) continue;
    const { data } = unpack(dataName, message);
    granted -= data.length;
    if (data.length > 0) yield data;
  }
}
