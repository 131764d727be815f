// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_metrics from '../../../types/metrics.ts';
import type * as api_types_mount from '../../../types/mount.ts';
import type * as api_types_platform from '../../../types/platform.ts';
import type * as api_types_sandbox from '../../../types/sandbox.ts';
import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

/** Carries a new sandbox. */
export interface StoreCreateRequest {
  sandbox: api_types_sandbox.Sandbox | null;
}

/** The sandbox as stored. */
export interface StoreCreateResponse {
  sandbox: api_types_sandbox.Sandbox | null;
}

/** Carries changed fields. */
export interface StoreUpdateRequest {
  sandbox: api_types_sandbox.Sandbox | null;
  /** Field paths to change; empty changes labels, extensions, spec and runtime. */
  fields: string[];
}

/** The sandbox after the change. */
export interface StoreUpdateResponse {
  sandbox: api_types_sandbox.Sandbox | null;
}

/** Names the sandbox to forget. */
export interface StoreDeleteRequest {
  sandboxId: string;
}

/** Nothing to say. */
export type StoreDeleteResponse = Record<string, never>;

/** Selects sandboxes. */
export interface StoreListRequest {
  /** A sandbox is listed when any of them matches; none lists all. */
  filters: string[];
}

/** The sandboxes found. */
export interface StoreListResponse {
  list: api_types_sandbox.Sandbox[];
}

/** Names one sandbox. */
export interface StoreGetRequest {
  sandboxId: string;
}

/** The sandbox asked for. */
export interface StoreGetResponse {
  sandbox: api_types_sandbox.Sandbox | null;
}

/** Describes the sandbox to prepare. */
export interface ControllerCreateRequest {
  sandboxId: string;
  /** Mounts of its root filesystem; may be empty. */
  rootfs: api_types_mount.Mount[];
  /** Creation options of the sandboxer; CRI passes its pod configuration. */
  options: google_protobuf_any.Any | null;
  /** Network namespace to join; empty for none. */
  netnsPath: string;
  annotations: Record<string, string>;
  /** The record, when the caller has it. */
  sandbox: api_types_sandbox.Sandbox | null;
  /** Which controller; must not be empty. */
  sandboxer: string;
}

/** Outcome of Create. */
export interface ControllerCreateResponse {
  sandboxId: string;
}

/** Names the sandbox to start. */
export interface ControllerStartRequest {
  sandboxId: string;
  /** Which controller; must not be empty. */
  sandboxer: string;
}

/** The running sandbox. */
export interface ControllerStartResponse {
  sandboxId: string;
  /** Process id of its first process; 0 when there is none on this host. */
  pid: number;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  labels: Record<string, string>;
  /** Where tasks can be started in it, as `<protocol>+<address>`. */
  address: string;
  /** Version of the task API at that address. */
  version: number;
  /** Specification after the sandboxer's own changes; absent when unchanged. */
  spec: google_protobuf_any.Any | null;
}

/** Names one sandbox. */
export interface ControllerPlatformRequest {
  sandboxId: string;
  /** Which controller; must not be empty. */
  sandboxer: string;
}

/** The platform in a sandbox. */
export interface ControllerPlatformResponse {
  platform: api_types_platform.Platform | null;
}

/** Names the sandbox to stop. */
export interface ControllerStopRequest {
  sandboxId: string;
  /** Seconds to wait before it is killed; 0 leaves that to the sandboxer. */
  timeoutSecs: number;
  /** Which controller; must not be empty. */
  sandboxer: string;
}

/** Nothing to say. */
export type ControllerStopResponse = Record<string, never>;

/** Names the sandbox to wait for. */
export interface ControllerWaitRequest {
  sandboxId: string;
  /** Which controller; must not be empty. */
  sandboxer: string;
}

/** How it ended. */
export interface ControllerWaitResponse {
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}

/** Names one sandbox. */
export interface ControllerStatusRequest {
  sandboxId: string;
  /** Fill info as well. */
  verbose: boolean;
  /** Which controller; must not be empty. */
  sandboxer: string;
}

/** State of a sandbox. */
export interface ControllerStatusResponse {
  sandboxId: string;
  /** Process id of its first process; 0 when there is none on this host. */
  pid: number;
  /** Word of the sandboxer's own. */
  state: string;
  /** Free facts, only when asked for. */
  info: Record<string, string>;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  /** When it ended; absent while it runs. */
  exitedAt: google_protobuf_timestamp.Timestamp | null;
  /** Facts in the sandboxer's own form. */
  extra: google_protobuf_any.Any | null;
  /** Where tasks can be started in it, as `<protocol>+<address>`. */
  address: string;
  /** Version of the task API at that address. */
  version: number;
}

/** Names the sandbox to free. */
export interface ControllerShutdownRequest {
  sandboxId: string;
  /** Which controller; must not be empty. */
  sandboxer: string;
}

/** Nothing to say. */
export type ControllerShutdownResponse = Record<string, never>;

/** Names one sandbox. */
export interface ControllerMetricsRequest {
  sandboxId: string;
  /** Which controller; must not be empty. */
  sandboxer: string;
}

/** Use of resources of one sandbox. */
export interface ControllerMetricsResponse {
  metrics: api_types_metrics.Metric | null;
}

/** Carries changed fields of a record. */
export interface ControllerUpdateRequest {
  sandboxId: string;
  /** Which controller; must not be empty. */
  sandboxer: string;
  sandbox: api_types_sandbox.Sandbox | null;
  /** Field paths that changed. */
  fields: string[];
}

/** Nothing to say. */
export type ControllerUpdateResponse = Record<string, never>;
