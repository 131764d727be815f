// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../protobuf/any.ts';

export interface Status {
  code: number;
  message: string;
  details: google_protobuf_any.Any[];
}
