// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_descriptor from '../../../types/descriptor.ts';
import type * as api_types_mount from '../../../types/mount.ts';
import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

export interface ApplyRequest {
  diff: api_types_descriptor.Descriptor | null;
  mounts: api_types_mount.Mount[];
  payloads: Record<string, google_protobuf_any.Any>;
  syncFs: boolean;
}

export interface ApplyResponse {
  applied: api_types_descriptor.Descriptor | null;
}

export interface DiffRequest {
  left: api_types_mount.Mount[];
  right: api_types_mount.Mount[];
  mediaType: string;
  ref: string;
  labels: Record<string, string>;
  sourceDateEpoch: google_protobuf_timestamp.Timestamp | null;
}

export interface DiffResponse {
  diff: api_types_descriptor.Descriptor | null;
}
