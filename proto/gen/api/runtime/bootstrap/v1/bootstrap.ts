// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';

export type LogLevel =
  | 'LOG_LEVEL_INFO'
  | 'LOG_LEVEL_TRACE'
  | 'LOG_LEVEL_DEBUG'
  | 'LOG_LEVEL_WARN'
  | 'LOG_LEVEL_ERROR'
  | 'LOG_LEVEL_FATAL'
  | 'LOG_LEVEL_PANIC';

export type Capability =
  | 'CAPABILITY_UNSPECIFIED';

export interface BootstrapParams {
  instanceId: string;
  namespace: string;
  logLevel: LogLevel;
  containerdVersion: string;
  containerdTtrpcAddress: string;
  containerdGrpcAddress: string;
  containerdBinary: string;
  extensions: Extension[];
  socketDir?: string | undefined;
}

export interface Extension {
  value: google_protobuf_any.Any | null;
}

export interface BootstrapResult {
  version: number;
  address: string;
  protocol: string;
  capabilities: Capability[];
  metadata: Record<string, string>;
}
