// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_descriptor from '../../../types/descriptor.ts';
import type * as api_types_metrics from '../../../types/metrics.ts';
import type * as api_types_mount from '../../../types/mount.ts';
import type * as api_types_task_task from '../../../types/task/task.ts';
import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

/** Describes a new task. */
export interface CreateTaskRequest {
  /** The container, of which there is one task at most; ALREADY_EXISTS otherwise. */
  containerId: string;
  /** Mounts of the root filesystem; empty uses the snapshot of the container. */
  rootfs: api_types_mount.Mount[];
  /** Where standard input comes from: path of a FIFO; empty for nothing. */
  stdin: string;
  /**
   * Where standard output goes: path of a FIFO, or a file:// or binary:// URI; empty throws it
   * away.
   */
  stdout: string;
  /** The same for standard error; not used with a terminal. */
  stderr: string;
  /** Give the first process a terminal. */
  terminal: boolean;
  /** State to restore; absent starts afresh. */
  checkpoint: api_types_descriptor.Descriptor | null;
  /** Options of the runtime, before those of the container. */
  options: google_protobuf_any.Any | null;
  /** Shim to use instead of the container's; empty for that one. */
  runtimePath: string;
  /** Running shim to use, as `<protocol>+<address>`; empty starts one. */
  taskApiAddress: string;
  /** Version of the task API at that address. */
  taskApiVersion: number;
}

/** The new task. */
export interface CreateTaskResponse {
  containerId: string;
  /** Process id of its first process on the host. */
  pid: number;
}

/** Names the process to start. */
export interface StartRequest {
  containerId: string;
  /** Process made by Exec; empty means the first process. */
  execId: string;
}

/** The running process. */
export interface StartResponse {
  /** Its process id on the host. */
  pid: number;
}

/** Names the task to remove. */
export interface DeleteTaskRequest {
  containerId: string;
}

/** How a process ended. */
export interface DeleteResponse {
  /** Id of the process, which for the first one is that of the container. */
  id: string;
  pid: number;
  /** Exit code, or 128 and the number of the signal that ended it. */
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}

/** Names the process to remove. */
export interface DeleteProcessRequest {
  containerId: string;
  /** Must not be empty. */
  execId: string;
}

/** Names one process. */
export interface GetRequest {
  containerId: string;
  /** Process made by Exec; empty means the first process. */
  execId: string;
}

/** The process asked for. */
export interface GetResponse {
  process: api_types_task_task.Process | null;
}

/** Selects tasks. */
export interface ListTasksRequest {
  /** Reserved; servers list all. */
  filter: string;
}

/** First processes of the tasks found. */
export interface ListTasksResponse {
  tasks: api_types_task_task.Process[];
}

/** A signal and who gets it. */
export interface KillRequest {
  containerId: string;
  /** Process made by Exec; empty means the first process. */
  execId: string;
  /** Number of the signal. */
  signal: number;
  /** Send it to every process of the task. */
  all: boolean;
}

/** Describes a process to add. */
export interface ExecProcessRequest {
  containerId: string;
  /** As in CreateTaskRequest. */
  stdin: string;
  /** As in CreateTaskRequest. */
  stdout: string;
  /** As in CreateTaskRequest. */
  stderr: string;
  terminal: boolean;
  /** OCI process object, as JSON. */
  spec: google_protobuf_any.Any | null;
  /** Name of the process, unique in its task; must not be empty. */
  execId: string;
}

/** Not used; Exec answers with an Empty. */
export type ExecProcessResponse = Record<string, never>;

/** A terminal size. */
export interface ResizePtyRequest {
  containerId: string;
  /** Process made by Exec; empty means the first process. */
  execId: string;
  /** Columns. */
  width: number;
  /** Rows. */
  height: number;
}

/** Names the streams to close. */
export interface CloseIORequest {
  containerId: string;
  /** Process made by Exec; empty means the first process. */
  execId: string;
  /** Close standard input; without it nothing is done. */
  stdin: boolean;
}

/** Names the task to freeze. */
export interface PauseTaskRequest {
  containerId: string;
}

/** Names the task to thaw. */
export interface ResumeTaskRequest {
  containerId: string;
}

/** Names one task. */
export interface ListPidsRequest {
  containerId: string;
}

/** The processes in a task, also those their own children started. */
export interface ListPidsResponse {
  processes: api_types_task_task.ProcessInfo[];
}

/** How to write a checkpoint. */
export interface CheckpointTaskRequest {
  containerId: string;
  /** Digest of an earlier checkpoint to build on; empty for none. */
  parentCheckpoint: string;
  /** Checkpoint options of the runtime; with an image path nothing is stored as content. */
  options: google_protobuf_any.Any | null;
}

/** What was written. */
export interface CheckpointTaskResponse {
  /** Stored blobs; none when the checkpoint went to a path. */
  descriptors: api_types_descriptor.Descriptor[];
}

/** Carries new limits. */
export interface UpdateTaskRequest {
  containerId: string;
  /** OCI resources object of the platform, as JSON. */
  resources: google_protobuf_any.Any | null;
  annotations: Record<string, string>;
}

/** Selects tasks. */
export interface MetricsRequest {
  /** A task is measured when any of them matches; none measures all. */
  filters: string[];
}

/** Measurements, one per task. */
export interface MetricsResponse {
  metrics: api_types_metrics.Metric[];
}

/** Names the process to wait for. */
export interface WaitRequest {
  containerId: string;
  /** Process made by Exec; empty means the first process. */
  execId: string;
}

/** How it ended. */
export interface WaitResponse {
  /** Exit code, or 128 and the number of the signal that ended it. */
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}
