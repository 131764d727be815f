// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../protobuf/any.ts';

/** Outcome of a call. */
export interface Status {
  /** gRPC status code; 0 is success. */
  code: number;
  /** Text for a human. */
  message: string;
  /** Further errors, each a message of its own. */
  details: google_protobuf_any.Any[];
}
