import { holds, unpack } from '../../proto/any.ts';
import type { Messages } from '../../proto/codec.ts';
import type { MessageStream } from './message-stream.ts';

/**
 * A step of a transfer in containerd's words: `event` such as `downloading` or `complete`, `name` such as
 * `layer-sha256:…` (empty: the transfer as a whole), bytes done and to do.
 */
export type TransferProgress = Messages['containerd.types.transfer.Progress'];

/** Told of every step as it happens. */
export type OnProgress = (progress: TransferProgress) => void;

const progressName = 'containerd.types.transfer.Progress';

/** Passes on what a stream tells until it ends, however that is: the transfer's own answer says how it went. */
export async function followProgress(stream: MessageStream, onProgress: OnProgress): Promise<void> {
  for (;;) {
    const message = await stream.receive().catch(() => undefined);
    if (message === undefined) return;
    if (holds(message, progressName)) onProgress(unpack(progressName, message));
  }
}
