// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_metrics from '../../../types/metrics.ts';
import type * as api_types_mount from '../../../types/mount.ts';
import type * as api_types_platform from '../../../types/platform.ts';
import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

/** Describes the sandbox to prepare. */
export interface CreateSandboxRequest {
  sandboxId: string;
  /** Directory with its specification. */
  bundlePath: string;
  /** Mounts of its root filesystem; may be empty. */
  rootfs: api_types_mount.Mount[];
  /** Creation options; CRI passes its pod configuration. */
  options: google_protobuf_any.Any | null;
  /** Network namespace to join; empty for none. */
  netnsPath: string;
  annotations: Record<string, string>;
}

/** Nothing to say. */
export type CreateSandboxResponse = Record<string, never>;

/** Names the sandbox to start. */
export interface StartSandboxRequest {
  sandboxId: string;
}

/** The running sandbox. */
export interface StartSandboxResponse {
  /** Process id of its first process; 0 when there is none on this host. */
  pid: number;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  /** Specification after the shim's own changes; absent when unchanged. */
  spec: google_protobuf_any.Any | null;
}

/** Names one sandbox. */
export interface PlatformRequest {
  sandboxId: string;
}

/** The platform in a sandbox. */
export interface PlatformResponse {
  platform: api_types_platform.Platform | null;
}

/** Names the sandbox to stop. */
export interface StopSandboxRequest {
  sandboxId: string;
  /** Seconds to wait before it is killed; 0 leaves that to the shim. */
  timeoutSecs: number;
}

/** Nothing to say. */
export type StopSandboxResponse = Record<string, never>;

/** Carries new limits. No call uses it yet. */
export interface UpdateSandboxRequest {
  sandboxId: string;
  /** In the runtime's own form. */
  resources: google_protobuf_any.Any | null;
  annotations: Record<string, string>;
}

/** Names the sandbox to wait for. */
export interface WaitSandboxRequest {
  sandboxId: string;
}

/** How it ended. */
export interface WaitSandboxResponse {
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}

/** Nothing to say. No call uses it yet. */
export type UpdateSandboxResponse = Record<string, never>;

/** Names one sandbox. */
export interface SandboxStatusRequest {
  sandboxId: string;
  /** Fill info as well. */
  verbose: boolean;
}

/** State of a sandbox. */
export interface SandboxStatusResponse {
  sandboxId: string;
  /** Process id of its first process; 0 when there is none on this host. */
  pid: number;
  /** Word of the shim's own. */
  state: string;
  /** Free facts, only when asked for. */
  info: Record<string, string>;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  /** When it ended; absent while it runs. */
  exitedAt: google_protobuf_timestamp.Timestamp | null;
  /** Facts in the shim's own form. */
  extra: google_protobuf_any.Any | null;
}

/** Names one sandbox. */
export interface PingRequest {
  sandboxId: string;
}

/** Nothing to say. */
export type PingResponse = Record<string, never>;

/** Names the sandbox to free. */
export interface ShutdownSandboxRequest {
  sandboxId: string;
}

/** Nothing to say. */
export type ShutdownSandboxResponse = Record<string, never>;

/** Names one sandbox. */
export interface SandboxMetricsRequest {
  sandboxId: string;
}

/** Use of resources of one sandbox. */
export interface SandboxMetricsResponse {
  metrics: api_types_metrics.Metric | null;
}
