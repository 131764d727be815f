// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_platform from '../../../types/platform.ts';
import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';
import type * as google_rpc_status from '../../../../google/rpc/status.ts';

export interface Plugin {
  type: string;
  id: string;
  requires: string[];
  platforms: api_types_platform.Platform[];
  exports: Record<string, string>;
  capabilities: string[];
  initErr: google_rpc_status.Status | null;
}

export interface PluginsRequest {
  filters: string[];
}

export interface PluginsResponse {
  plugins: Plugin[];
}

export interface ServerResponse {
  uuid: string;
  pid: number;
  pidns: number;
  deprecations: DeprecationWarning[];
}

export interface DeprecationWarning {
  id: string;
  message: string;
  lastOccurrence: google_protobuf_timestamp.Timestamp | null;
}

export interface PluginInfoRequest {
  type: string;
  id: string;
  options: google_protobuf_any.Any | null;
}

export interface PluginInfoResponse {
  plugin: Plugin | null;
  extra: google_protobuf_any.Any | null;
}
