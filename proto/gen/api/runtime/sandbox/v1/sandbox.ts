// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_metrics from '../../../types/metrics.ts';
import type * as api_types_mount from '../../../types/mount.ts';
import type * as api_types_platform from '../../../types/platform.ts';
import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

export interface CreateSandboxRequest {
  sandboxId: string;
  bundlePath: string;
  rootfs: api_types_mount.Mount[];
  options: google_protobuf_any.Any | null;
  netnsPath: string;
  annotations: Record<string, string>;
}

export type CreateSandboxResponse = Record<string, never>;

export interface StartSandboxRequest {
  sandboxId: string;
}

export interface StartSandboxResponse {
  pid: number;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  spec: google_protobuf_any.Any | null;
}

export interface PlatformRequest {
  sandboxId: string;
}

export interface PlatformResponse {
  platform: api_types_platform.Platform | null;
}

export interface StopSandboxRequest {
  sandboxId: string;
  timeoutSecs: number;
}

export type StopSandboxResponse = Record<string, never>;

export interface UpdateSandboxRequest {
  sandboxId: string;
  resources: google_protobuf_any.Any | null;
  annotations: Record<string, string>;
}

export interface WaitSandboxRequest {
  sandboxId: string;
}

export interface WaitSandboxResponse {
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}

export type UpdateSandboxResponse = Record<string, never>;

export interface SandboxStatusRequest {
  sandboxId: string;
  verbose: boolean;
}

export interface SandboxStatusResponse {
  sandboxId: string;
  pid: number;
  state: string;
  info: Record<string, string>;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
  extra: google_protobuf_any.Any | null;
}

export interface PingRequest {
  sandboxId: string;
}

export type PingResponse = Record<string, never>;

export interface ShutdownSandboxRequest {
  sandboxId: string;
}

export type ShutdownSandboxResponse = Record<string, never>;

export interface SandboxMetricsRequest {
  sandboxId: string;
}

export interface SandboxMetricsResponse {
  metrics: api_types_metrics.Metric | null;
}
