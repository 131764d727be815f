// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../google/protobuf/timestamp.ts';

/** An event as subscribers get it. */
export interface Envelope {
  /** When it happened. */
  timestamp: google_protobuf_timestamp.Timestamp | null;
  /** Namespace it happened in. */
  namespace: string;
  /** Path such as /tasks/start. */
  topic: string;
  /** The event message. */
  event: google_protobuf_any.Any | null;
}
