// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_metrics from '../../../types/metrics.ts';
import type * as api_types_mount from '../../../types/mount.ts';
import type * as api_types_platform from '../../../types/platform.ts';
import type * as api_types_sandbox from '../../../types/sandbox.ts';
import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

export interface StoreCreateRequest {
  sandbox: api_types_sandbox.Sandbox | null;
}

export interface StoreCreateResponse {
  sandbox: api_types_sandbox.Sandbox | null;
}

export interface StoreUpdateRequest {
  sandbox: api_types_sandbox.Sandbox | null;
  fields: string[];
}

export interface StoreUpdateResponse {
  sandbox: api_types_sandbox.Sandbox | null;
}

export interface StoreDeleteRequest {
  sandboxId: string;
}

export type StoreDeleteResponse = Record<string, never>;

export interface StoreListRequest {
  filters: string[];
}

export interface StoreListResponse {
  list: api_types_sandbox.Sandbox[];
}

export interface StoreGetRequest {
  sandboxId: string;
}

export interface StoreGetResponse {
  sandbox: api_types_sandbox.Sandbox | null;
}

export interface ControllerCreateRequest {
  sandboxId: string;
  rootfs: api_types_mount.Mount[];
  options: google_protobuf_any.Any | null;
  netnsPath: string;
  annotations: Record<string, string>;
  sandbox: api_types_sandbox.Sandbox | null;
  sandboxer: string;
}

export interface ControllerCreateResponse {
  sandboxId: string;
}

export interface ControllerStartRequest {
  sandboxId: string;
  sandboxer: string;
}

export interface ControllerStartResponse {
  sandboxId: string;
  pid: number;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  labels: Record<string, string>;
  address: string;
  version: number;
  spec: google_protobuf_any.Any | null;
}

export interface ControllerPlatformRequest {
  sandboxId: string;
  sandboxer: string;
}

export interface ControllerPlatformResponse {
  platform: api_types_platform.Platform | null;
}

export interface ControllerStopRequest {
  sandboxId: string;
  timeoutSecs: number;
  sandboxer: string;
}

export type ControllerStopResponse = Record<string, never>;

export interface ControllerWaitRequest {
  sandboxId: string;
  sandboxer: string;
}

export interface ControllerWaitResponse {
  exitStatus: number;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
}

export interface ControllerStatusRequest {
  sandboxId: string;
  verbose: boolean;
  sandboxer: string;
}

export interface ControllerStatusResponse {
  sandboxId: string;
  pid: number;
  state: string;
  info: Record<string, string>;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  exitedAt: google_protobuf_timestamp.Timestamp | null;
  extra: google_protobuf_any.Any | null;
  address: string;
  version: number;
}

export interface ControllerShutdownRequest {
  sandboxId: string;
  sandboxer: string;
}

export type ControllerShutdownResponse = Record<string, never>;

export interface ControllerMetricsRequest {
  sandboxId: string;
  sandboxer: string;
}

export interface ControllerMetricsResponse {
  metrics: api_types_metrics.Metric | null;
}

export interface ControllerUpdateRequest {
  sandboxId: string;
  sandboxer: string;
  sandbox: api_types_sandbox.Sandbox | null;
  fields: string[];
}

export type ControllerUpdateResponse = Record<string, never>;
