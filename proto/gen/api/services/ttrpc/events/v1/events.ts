// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_event from '../../../../types/event.ts';

export interface ForwardRequest {
  envelope: api_types_event.Envelope | null;
}
