// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_mount from '../../../types/mount.ts';
import type * as api_types_task_task from '../../../types/task/task.ts';
import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

/** Describes the container to make. */
export interface CreateTaskRequest {
  /** Container id. */
  id: string;
  /** Directory with config.json; its rootfs directory is where the mounts go. */
  bundle: string;
  /** Mounts of the root filesystem; empty when the caller has mounted it. */
  rootfs: api_types_mount.Mount[];
  /** Give the first process a terminal. */
  terminal: boolean;
  /** FIFO to read from; empty for nothing. */
  stdin: string;
  /**
   * FIFO, or a file:// or binary:// URI, to write to; empty throws it away. Its scheme decides for
   * all three.
   */
  stdout: string;
  /** The same for standard error; not used with a terminal. */
  stderr: string;
  /** Directory with the state to restore; empty starts afresh. */
  checkpoint: string;
  /** Directory of the checkpoint that one builds on. */
  parentCheckpoint: string;
  /** Options of the runtime; absent means its defaults. */
  options: google_protobuf_any.Any | null;
}

/** The new container. */
export interface CreateTaskResponse {
  /** Process id of its first process on the host. */
  pid: number;
}

/** Names the process to free. */
export interface DeleteRequest {
  id: string;
  execId: string;
}

/** How it ended. */
export interface DeleteResponse {
  pid: number;
  /** Exit code, or 128 and the number of the signal that ended it. */
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}

/** Describes a process to add. */
export interface ExecProcessRequest {
  id: string;
  /** Name of the process, unique in its container. */
  execId: string;
  terminal: boolean;
  /** As in CreateTaskRequest. */
  stdin: string;
  /** As in CreateTaskRequest. */
  stdout: string;
  /** As in CreateTaskRequest. */
  stderr: string;
  /** OCI process object, as JSON. */
  spec: google_protobuf_any.Any | null;
}

/** Not used; Exec answers with an Empty. */
export type ExecProcessResponse = Record<string, never>;

/** A terminal size. */
export interface ResizePtyRequest {
  id: string;
  execId: string;
  /** Columns. */
  width: number;
  /** Rows. */
  height: number;
}

/** Names one process. */
export interface StateRequest {
  id: string;
  execId: string;
}

/** State of a process. */
export interface StateResponse {
  /** Container id for the first process, else the exec id. */
  id: string;
  bundle: string;
  /** Process id on the host. */
  pid: number;
  status: api_types_task_task.Status;
  stdin: string;
  stdout: string;
  stderr: string;
  terminal: boolean;
  /** Exit code, or 128 and the number of the signal; means something once stopped. */
  exitStatus: number;
  /** When it ended. */
  exitedAt: google_protobuf_timestamp.Timestamp | null;
  execId: string;
}

/** A signal and who gets it. */
export interface KillRequest {
  id: string;
  execId: string;
  /** Number of the signal. */
  signal: number;
  /** Send it to every process of the container. */
  all: boolean;
}

/** Names the streams to close. */
export interface CloseIORequest {
  id: string;
  execId: string;
  /** Close standard input; without it nothing is done. */
  stdin: boolean;
}

/** Names one container. */
export interface PidsRequest {
  id: string;
}

/** The processes in a container. */
export interface PidsResponse {
  processes: api_types_task_task.ProcessInfo[];
}

/** How to write a checkpoint. */
export interface CheckpointTaskRequest {
  id: string;
  /** Directory to write to. */
  path: string;
  /** Checkpoint options of the runtime. */
  options: google_protobuf_any.Any | null;
}

/** Carries new limits. */
export interface UpdateTaskRequest {
  id: string;
  /** OCI resources object of the platform, as JSON. */
  resources: google_protobuf_any.Any | null;
  annotations: Record<string, string>;
}

/** Names the process to start. */
export interface StartRequest {
  id: string;
  execId: string;
}

/** The running process. */
export interface StartResponse {
  /** Its process id on the host. */
  pid: number;
}

/** Names the process to wait for. */
export interface WaitRequest {
  id: string;
  execId: string;
}

/** How it ended. */
export interface WaitResponse {
  /** Exit code, or 128 and the number of the signal that ended it. */
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}

/** Names one container. */
export interface StatsRequest {
  id: string;
}

/** Use of resources of one container. */
export interface StatsResponse {
  /** Measurements in the runtime's own form, such as io.containerd.cgroups.v2.Metrics. */
  stats: google_protobuf_any.Any | null;
}

/** Names one container. */
export interface ConnectRequest {
  id: string;
}

/** Who is at the other end. */
export interface ConnectResponse {
  /** Process id of the shim. */
  shimPid: number;
  /** Process id of the container's first process; 0 for an unknown id. */
  taskPid: number;
  /** Version of the shim; may be empty. */
  version: string;
}

/** Asks for the end of the shim. */
export interface ShutdownRequest {
  id: string;
  /** End even while containers are left. */
  now: boolean;
}

/** Names the container to freeze. */
export interface PauseRequest {
  id: string;
}

/** Names the container to thaw. */
export interface ResumeRequest {
  id: string;
}
