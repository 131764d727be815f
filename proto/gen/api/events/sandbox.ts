// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_timestamp from '../../google/protobuf/timestamp.ts';

/** A sandbox was prepared. */
export interface SandboxCreate {
  sandboxId: string;
}

/** A sandbox was started. */
export interface SandboxStart {
  sandboxId: string;
}

/** A sandbox has ended. */
export interface SandboxExit {
  sandboxId: string;
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}
