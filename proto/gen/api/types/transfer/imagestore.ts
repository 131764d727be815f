// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_platform from '../platform.ts';

export interface ImageStore {
  name: string;
  labels: Record<string, string>;
  platforms: api_types_platform.Platform[];
  allMetadata: boolean;
  manifestLimit: number;
  extraReferences: ImageReference[];
  unpacks: UnpackConfiguration[];
}

export interface UnpackConfiguration {
  platform: api_types_platform.Platform | null;
  snapshotter: string;
}

export interface ImageReference {
  name: string;
  isPrefix: boolean;
  allowOverwrite: boolean;
  addDigest: boolean;
  skipNamedDigest: boolean;
}
