// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_descriptor from '../../../types/descriptor.ts';
import type * as api_types_metrics from '../../../types/metrics.ts';
import type * as api_types_mount from '../../../types/mount.ts';
import type * as api_types_task_task from '../../../types/task/task.ts';
import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

export interface CreateTaskRequest {
  containerId: string;
  rootfs: api_types_mount.Mount[];
  stdin: string;
  stdout: string;
  stderr: string;
  terminal: boolean;
  checkpoint: api_types_descriptor.Descriptor | null;
  options: google_protobuf_any.Any | null;
  runtimePath: string;
  taskApiAddress: string;
  taskApiVersion: number;
}

export interface CreateTaskResponse {
  containerId: string;
  pid: number;
}

export interface StartRequest {
  containerId: string;
  execId: string;
}

export interface StartResponse {
  pid: number;
}

export interface DeleteTaskRequest {
  containerId: string;
}

export interface DeleteResponse {
  id: string;
  pid: number;
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}

export interface DeleteProcessRequest {
  containerId: string;
  execId: string;
}

export interface GetRequest {
  containerId: string;
  execId: string;
}

export interface GetResponse {
  process: api_types_task_task.Process | null;
}

export interface ListTasksRequest {
  filter: string;
}

export interface ListTasksResponse {
  tasks: api_types_task_task.Process[];
}

export interface KillRequest {
  containerId: string;
  execId: string;
  signal: number;
  all: boolean;
}

export interface ExecProcessRequest {
  containerId: string;
  stdin: string;
  stdout: string;
  stderr: string;
  terminal: boolean;
  spec: google_protobuf_any.Any | null;
  execId: string;
}

export type ExecProcessResponse = Record<string, never>;

export interface ResizePtyRequest {
  containerId: string;
  execId: string;
  width: number;
  height: number;
}

export interface CloseIORequest {
  containerId: string;
  execId: string;
  stdin: boolean;
}

export interface PauseTaskRequest {
  containerId: string;
}

export interface ResumeTaskRequest {
  containerId: string;
}

export interface ListPidsRequest {
  containerId: string;
}

export interface ListPidsResponse {
  processes: api_types_task_task.ProcessInfo[];
}

export interface CheckpointTaskRequest {
  containerId: string;
  parentCheckpoint: string;
  options: google_protobuf_any.Any | null;
}

export interface CheckpointTaskResponse {
  descriptors: api_types_descriptor.Descriptor[];
}

export interface UpdateTaskRequest {
  containerId: string;
  resources: google_protobuf_any.Any | null;
  annotations: Record<string, string>;
}

export interface MetricsRequest {
  filters: string[];
}

export interface MetricsResponse {
  metrics: api_types_metrics.Metric[];
}

export interface WaitRequest {
  containerId: string;
  execId: string;
}

export interface WaitResponse {
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}
