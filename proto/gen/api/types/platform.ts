// Generated from the .proto files by `npm run proto`; do not edit.

/** Operating system and processor. */
export interface Platform {
  /** Such as linux, in Go's spelling. */
  os: string;
  /** Such as amd64 or arm64, in Go's spelling. */
  architecture: string;
  /** Such as v7 for arm; empty for the usual one. */
  variant: string;
  /** Only on Windows. */
  osVersion: string;
  /** Required features, only on Windows. */
  osFeatures: string[];
}
