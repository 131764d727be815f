// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_rpc_status from '../../../google/rpc/status.ts';

export interface Request {
  service: string;
  method: string;
  payload: Buffer;
  timeoutNano: number;
  metadata: KeyValue[];
}

export interface Response {
  status: google_rpc_status.Status | null;
  payload: Buffer;
}

export interface StringList {
  list: string[];
}

export interface KeyValue {
  key: string;
  value: string;
}
