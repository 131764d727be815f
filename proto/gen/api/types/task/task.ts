// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../../google/protobuf/timestamp.ts';

export type Status =
  | 'UNKNOWN'
  | 'CREATED'
  | 'RUNNING'
  | 'STOPPED'
  | 'PAUSED'
  | 'PAUSING';

export interface Process {
  containerId: string;
  id: string;
  pid: number;
  status: Status;
  stdin: string;
  stdout: string;
  stderr: string;
  terminal: boolean;
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}

export interface ProcessInfo {
  pid: number;
  info: google_protobuf_any.Any | null;
}
