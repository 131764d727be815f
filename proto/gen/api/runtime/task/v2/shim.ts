// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_mount from '../../../types/mount.ts';
import type * as api_types_task_task from '../../../types/task/task.ts';
import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

export interface CreateTaskRequest {
  id: string;
  bundle: string;
  rootfs: api_types_mount.Mount[];
  terminal: boolean;
  stdin: string;
  stdout: string;
  stderr: string;
  checkpoint: string;
  parentCheckpoint: string;
  options: google_protobuf_any.Any | null;
}

export interface CreateTaskResponse {
  pid: number;
}

export interface DeleteRequest {
  id: string;
  execId: string;
}

export interface DeleteResponse {
  pid: number;
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}

export interface ExecProcessRequest {
  id: string;
  execId: string;
  terminal: boolean;
  stdin: string;
  stdout: string;
  stderr: string;
  spec: google_protobuf_any.Any | null;
}

export type ExecProcessResponse = Record<string, never>;

export interface ResizePtyRequest {
  id: string;
  execId: string;
  width: number;
  height: number;
}

export interface StateRequest {
  id: string;
  execId: string;
}

export interface StateResponse {
  id: string;
  bundle: string;
  pid: number;
  status: api_types_task_task.Status;
  stdin: string;
  stdout: string;
  stderr: string;
  terminal: boolean;
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
  execId: string;
}

export interface KillRequest {
  id: string;
  execId: string;
  signal: number;
  all: boolean;
}

export interface CloseIORequest {
  id: string;
  execId: string;
  stdin: boolean;
}

export interface PidsRequest {
  id: string;
}

export interface PidsResponse {
  processes: api_types_task_task.ProcessInfo[];
}

export interface CheckpointTaskRequest {
  id: string;
  path: string;
  options: google_protobuf_any.Any | null;
}

export interface UpdateTaskRequest {
  id: string;
  resources: google_protobuf_any.Any | null;
  annotations: Record<string, string>;
}

export interface StartRequest {
  id: string;
  execId: string;
}

export interface StartResponse {
  pid: number;
}

export interface WaitRequest {
  id: string;
  execId: string;
}

export interface WaitResponse {
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}

export interface StatsRequest {
  id: string;
}

export interface StatsResponse {
  stats: google_protobuf_any.Any | null;
}

export interface ConnectRequest {
  id: string;
}

export interface ConnectResponse {
  shimPid: number;
  taskPid: number;
  version: string;
}

export interface ShutdownRequest {
  id: string;
  now: boolean;
}

export interface PauseRequest {
  id: string;
}

export interface ResumeRequest {
  id: string;
}
