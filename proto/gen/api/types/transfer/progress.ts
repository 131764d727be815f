// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_descriptor from '../descriptor.ts';

export interface Progress {
  event: string;
  name: string;
  parents: string[];
  progress: number;
  total: number;
  desc: api_types_descriptor.Descriptor | null;
}
