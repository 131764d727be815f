// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_event from '../../../types/event.ts';
import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';

/** A new event. */
export interface PublishRequest {
  /** Path such as /tasks/start; each part is an identifier. */
  topic: string;
  /** The event message. */
  event: google_protobuf_any.Any | null;
}

/** An event from elsewhere. */
export interface ForwardRequest {
  /** Needs time, namespace and topic. */
  envelope: api_types_event.Envelope | null;
}

/** Selects events. */
export interface SubscribeRequest {
  /** An event is sent when any of them matches; none sends all. */
  filters: string[];
}
