// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../google/protobuf/timestamp.ts';

export interface Sandbox {
  sandboxId: string;
  runtime: Sandbox_Runtime | null;
  spec: google_protobuf_any.Any | null;
  labels: Record<string, string>;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  updatedAt: google_protobuf_timestamp.Timestamp | null;
  extensions: Record<string, google_protobuf_any.Any>;
  sandboxer: string;
}

export interface Sandbox_Runtime {
  name: string;
  options: google_protobuf_any.Any | null;
}
