// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_timestamp from '../../google/protobuf/timestamp.ts';

export interface SandboxCreate {
  sandboxId: string;
}

export interface SandboxStart {
  sandboxId: string;
}

export interface SandboxExit {
  sandboxId: string;
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}
