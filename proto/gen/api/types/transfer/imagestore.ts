// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_platform from '../platform.ts';

/** Images of this server. */
export interface ImageStore {
  /** Name to store under, or to take from. */
  name: string;
  /** Labels for the stored images. */
  labels: Record<string, string>;
  /** Platforms to take; none takes all. */
  platforms: api_types_platform.Platform[];
  /** Keep manifests of platforms that are not taken. */
  allMetadata: boolean;
  /** Number of manifests to take at most; 0 for no limit. */
  manifestLimit: number;
  /** Further names to store. */
  extraReferences: ImageReference[];
  /** Snapshots to make from the image; none leaves it packed. */
  unpacks: UnpackConfiguration[];
}

/** One image to unpack. */
export interface UnpackConfiguration {
  /** For which platform; absent for the server's own. */
  platform: api_types_platform.Platform | null;
  /** Where to; empty for the default. */
  snapshotter: string;
}

/** Rule for a name to store. */
export interface ImageReference {
  /** The name, or the beginning of names. */
  name: string;
  /** name is the beginning; the rest comes from the image. */
  isPrefix: boolean;
  /** Move the name if it exists. */
  allowOverwrite: boolean;
  /** Also store a name with the digest. */
  addDigest: boolean;
  /** Not where there is a tag. */
  skipNamedDigest: boolean;
}
