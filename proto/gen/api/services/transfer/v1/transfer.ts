// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';

export interface TransferRequest {
  source: google_protobuf_any.Any | null;
  destination: google_protobuf_any.Any | null;
  options: TransferOptions | null;
}

export interface TransferOptions {
  progressStream: string;
}
