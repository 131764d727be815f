// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../google/protobuf/timestamp.ts';

export interface Envelope {
  timestamp: google_protobuf_timestamp.Timestamp | null;
  namespace: string;
  topic: string;
  event: google_protobuf_any.Any | null;
}
