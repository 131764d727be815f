// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_platform from '../../../types/platform.ts';
import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';
import type * as google_rpc_status from '../../../../google/rpc/status.ts';

/** One part of the server. */
export interface Plugin {
  /** Kind of part, such as io.containerd.snapshotter.v1. */
  type: string;
  /** Name within its kind. */
  id: string;
  /** Kinds it needs, or `*` for all. */
  requires: string[];
  /** Platforms it serves; empty when that means nothing to it. */
  platforms: api_types_platform.Platform[];
  /** Facts about it as text, such as its directory. */
  exports: Record<string, string>;
  /** Optional abilities it has. */
  capabilities: string[];
  /** Why it is not usable; absent when it is loaded. */
  initErr: google_rpc_status.Status | null;
}

/** Selects plugins. */
export interface PluginsRequest {
  /** A plugin is listed when any of them matches; none lists all. */
  filters: string[];
}

/** The plugins found. */
export interface PluginsResponse {
  plugins: Plugin[];
}

/** Identity of the server. */
export interface ServerResponse {
  /** Made at the first start and kept with the root directory. */
  uuid: string;
  /** Process id in the server's own pid namespace. */
  pid: number;
  /** Inode number of that pid namespace; 0 where there is no such thing. */
  pidns: number;
  /** Features in use that are going away. */
  deprecations: DeprecationWarning[];
}

/** One such feature. */
export interface DeprecationWarning {
  id: string;
  /** What to do instead. */
  message: string;
  /** When it was last used. */
  lastOccurrence: google_protobuf_timestamp.Timestamp | null;
}

/** Names a plugin. */
export interface PluginInfoRequest {
  type: string;
  id: string;
  /** Question in a form the plugin knows; for runtimes a containerd.types.RuntimeRequest. */
  options: google_protobuf_any.Any | null;
}

/** What the plugin tells. */
export interface PluginInfoResponse {
  plugin: Plugin | null;
  /** Answer in the plugin's own form; for runtimes a containerd.types.RuntimeInfo. */
  extra: google_protobuf_any.Any | null;
}
