// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../google/protobuf/timestamp.ts';

/** Everything needed to start a sandbox, and what users note about it. */
export interface Sandbox {
  /** Unique in its namespace; cannot be changed. */
  sandboxId: string;
  /** What runs it; the name cannot be changed. */
  runtime: Sandbox_Runtime | null;
  /** OCI runtime specification, as JSON. */
  spec: google_protobuf_any.Any | null;
  labels: Record<string, string>;
  /** Set by the server. */
  createdAt: google_protobuf_timestamp.Timestamp | null;
  /** Set by the server at every change. */
  updatedAt: google_protobuf_timestamp.Timestamp | null;
  /** Data of clients under names of their own. */
  extensions: Record<string, google_protobuf_any.Any>;
  /** Name of the controller that runs it. */
  sandboxer: string;
}

/** Which runtime, and how it is set up. */
export interface Sandbox_Runtime {
  /** Runtime name such as io.containerd.runc.v2. */
  name: string;
  /** Options message of that runtime; absent means its defaults. */
  options: google_protobuf_any.Any | null;
}
