import type { Descriptor } from '../../proto/gen/api/types/descriptor.ts';

/** One layer of an image, and where it goes. */
export interface Layer {
  readonly descriptor: Descriptor;
  /** Digest of the layer as it is uncompressed. */
  readonly diffId: string;
  /** The name of its snapshot: says what the layer is and on what it stands. */
  readonly chainId: string;
  /** Chain id of the layer below; '' for the bottom one. */
  readonly parent: string;
}
