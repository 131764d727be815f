// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_descriptor from '../descriptor.ts';

/** One step of a transfer. */
export interface Progress {
  /** What happens, such as `extracting` or `complete`. */
  event: string;
  /** What it happens to. */
  name: string;
  /** Names of what that belongs to. */
  parents: string[];
  /** Bytes done. */
  progress: number;
  /** Bytes to do; 0 when not known. */
  total: number;
  /** The blob, where there is one. */
  desc: api_types_descriptor.Descriptor | null;
}
