// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_event from '../../../types/event.ts';
import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';

export interface PublishRequest {
  topic: string;
  event: google_protobuf_any.Any | null;
}

export interface ForwardRequest {
  envelope: api_types_event.Envelope | null;
}

export interface SubscribeRequest {
  filters: string[];
}
