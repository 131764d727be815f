// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';

/** Where from and where to. */
export interface TransferRequest {
  /** One of the messages of containerd.types.transfer. */
  source: google_protobuf_any.Any | null;
  /** One of the messages of containerd.types.transfer. */
  destination: google_protobuf_any.Any | null;
  options: TransferOptions | null;
}

/** How to move. */
export interface TransferOptions {
  /** Id of a stream that gets Progress messages; empty for none. */
  progressStream: string;
}
