// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_mount from '../types/mount.ts';
import type * as google_protobuf_timestamp from '../../google/protobuf/timestamp.ts';

export interface TaskCreate {
  containerId: string;
  bundle: string;
  rootfs: api_types_mount.Mount[];
  io: TaskIO | null;
  checkpoint: string;
  pid: number;
}

export interface TaskStart {
  containerId: string;
  pid: number;
}

export interface TaskDelete {
  containerId: string;
  pid: number;
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
  id: string;
}

export interface TaskIO {
  stdin: string;
  stdout: string;
  stderr: string;
  terminal: boolean;
}

export interface TaskExit {
  containerId: string;
  id: string;
  pid: number;
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}

export interface TaskOOM {
  containerId: string;
}

export interface TaskExecAdded {
  containerId: string;
  execId: string;
}

export interface TaskExecStarted {
  containerId: string;
  execId: string;
  pid: number;
}

export interface TaskPaused {
  containerId: string;
}

export interface TaskResumed {
  containerId: string;
}

export interface TaskCheckpointed {
  containerId: string;
  checkpoint: string;
}
