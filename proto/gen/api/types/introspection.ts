// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../google/protobuf/any.ts';

export interface RuntimeRequest {
  runtimePath: string;
  options: google_protobuf_any.Any | null;
}

export interface RuntimeVersion {
  version: string;
  revision: string;
}

export interface RuntimeInfo {
  name: string;
  version: RuntimeVersion | null;
  options: google_protobuf_any.Any | null;
  features: google_protobuf_any.Any | null;
  annotations: Record<string, string>;
}
