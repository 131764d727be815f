// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_rpc_status from '../../../google/rpc/status.ts';

/** Data of a request frame. */
export interface Request {
  /** Full service name. */
  service: string;
  /** RPC name alone. */
  method: string;
  /** The serialized request message. */
  payload: Buffer;
  /** Nanoseconds left until the caller gives up; 0 for no limit. */
  timeoutNano: number;
  /** Headers; one with several values comes once for each. */
  metadata: KeyValue[];
}

/** Data of a response frame. */
export interface Response {
  /** What went wrong; absent, or with code 0, when nothing did. */
  status: google_rpc_status.Status | null;
  /** The serialized response message. */
  payload: Buffer;
}

/** Several texts. */
export interface StringList {
  list: string[];
}

/** One header. */
export interface KeyValue {
  /** In lower case. */
  key: string;
  value: string;
}
