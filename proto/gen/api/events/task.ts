// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_mount from '../types/mount.ts';
import type * as google_protobuf_timestamp from '../../google/protobuf/timestamp.ts';

/** A task was made. */
export interface TaskCreate {
  containerId: string;
  /** Directory with its specification. */
  bundle: string;
  rootfs: api_types_mount.Mount[];
  io: TaskIO | null;
  /** Path of the checkpoint it was restored from; empty for none. */
  checkpoint: string;
  /** Process id of its first process on the host. */
  pid: number;
}

/** The first process was started. */
export interface TaskStart {
  containerId: string;
  pid: number;
}

/** A process was removed. */
export interface TaskDelete {
  containerId: string;
  pid: number;
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
  /** Id of the process, which for the first one is that of the container; may be empty for it. */
  id: string;
}

/** Where the streams of a first process lead. */
export interface TaskIO {
  stdin: string;
  stdout: string;
  stderr: string;
  terminal: boolean;
}

/** A process has ended. */
export interface TaskExit {
  /** The container it ran in. */
  containerId: string;
  /** Id of the process, which for the first one is that of the container. */
  id: string;
  pid: number;
  /** Exit code, or 128 and the number of the signal that ended it. */
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}

/** The kernel killed a process of the container for lack of memory. */
export interface TaskOOM {
  containerId: string;
}

/** A process was added by Exec. */
export interface TaskExecAdded {
  containerId: string;
  execId: string;
}

/** A process made by Exec was started. */
export interface TaskExecStarted {
  containerId: string;
  execId: string;
  pid: number;
}

/** A task was frozen. */
export interface TaskPaused {
  containerId: string;
}

/** A task was thawed. */
export interface TaskResumed {
  containerId: string;
}

/** A checkpoint was written. */
export interface TaskCheckpointed {
  containerId: string;
  /** Where to. */
  checkpoint: string;
}
