// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_event from '../../../../types/event.ts';

/** An event from a shim. */
export interface ForwardRequest {
  /** Needs time, namespace and topic. */
  envelope: api_types_event.Envelope | null;
}
