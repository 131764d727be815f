// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../../google/protobuf/timestamp.ts';

/**
 * State of a process.
 * - `UNKNOWN`: Not known, such as that of a task whose shim does not answer.
 * - `CREATED`: Made, waiting for Start.
 * - `RUNNING`: Started.
 * - `STOPPED`: Ended, waiting to be deleted.
 * - `PAUSED`: Frozen.
 * - `PAUSING`: About to be frozen.
 */
export type Status =
  | 'UNKNOWN'
  | 'CREATED'
  | 'RUNNING'
  | 'STOPPED'
  | 'PAUSED'
  | 'PAUSING';

/** One process of a task. */
export interface Process {
  /** Its container. */
  containerId: string;
  /** Id of the process, which for the first one is that of the container. */
  id: string;
  /** Process id on the host. */
  pid: number;
  status: Status;
  /** Where standard input comes from. */
  stdin: string;
  /** Where standard output goes. */
  stdout: string;
  /** Where standard error goes. */
  stderr: string;
  terminal: boolean;
  /** Exit code, or 128 and the number of the signal; means something once stopped. */
  exitStatus: number;
  /** When it ended. */
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}

/** One process id in a task. */
export interface ProcessInfo {
  pid: number;
  /** Note on the process, such as containerd.runc.v1.ProcessDetails; absent for most. */
  info: google_protobuf_any.Any | null;
}
