import type { ErrorKind } from '../../base/errors.ts';
import type { Trees } from './changes.ts';
import type { DiffCompression } from './media-types.ts';

/** What a thread is asked to write as a layer. */
export interface LayerRequest extends Trees {
  readonly compression: DiffCompression;
  /** No file is told to be younger, in nanoseconds since the epoch. */
  readonly latestMtimeNs?: bigint | undefined;
}

/** What the thread answers: parts of the layer, and last the digest of the layer as it is uncompressed, or a failure. */
export type LayerMessage =
  | { readonly part: 'chunk'; readonly bytes: Uint8Array }
  | { readonly part: 'end'; readonly diffId: string }
  | { readonly part: 'failure'; readonly kind: ErrorKind; readonly text: string };

/** Chunks that may be on their way. The thread waits for each to be taken before it sends one more. */
export const chunksUnderWay = 4;
