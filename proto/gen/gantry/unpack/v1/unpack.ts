// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_descriptor from '../../../api/types/descriptor.ts';

/** An image for one platform. */
export interface UnpackRequest {
  /** Name of the snapshotter. */
  snapshotter: string;
  /** Digest of the image's config, which is going to refer to the snapshot. */
  configDigest: string;
  /** The layers, bottom first. */
  layers: UnpackLayer[];
}

/** One layer of an image. */
export interface UnpackLayer {
  /** The layer as it is stored. */
  descriptor: api_types_descriptor.Descriptor | null;
  /** Digest of the uncompressed layer, from the image's config. */
  diffId: string;
}

/** A layer is about to be extracted. */
export interface UnpackProgress {
  /** Which one, counted from 1 at the bottom. A layer that others are at, or that is there already, is not told. */
  layer: number;
}
