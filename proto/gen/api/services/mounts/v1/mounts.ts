// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_mount from '../../../types/mount.ts';
import type * as google_protobuf_field_mask from '../../../../google/protobuf/field_mask.ts';

export interface ActivateRequest {
  name: string;
  mounts: api_types_mount.Mount[];
  labels: Record<string, string>;
  temporary: boolean;
}

export interface ActivateResponse {
  info: api_types_mount.ActivationInfo | null;
}

export interface DeactivateRequest {
  name: string;
}

export interface InfoRequest {
  name: string;
}

export interface InfoResponse {
  info: api_types_mount.ActivationInfo | null;
}

export interface UpdateRequest {
  info: api_types_mount.ActivationInfo | null;
  updateMask: google_protobuf_field_mask.FieldMask | null;
}

export interface UpdateResponse {
  info: api_types_mount.ActivationInfo | null;
}

export interface ListRequest {
  filters: string[];
}

export interface ListMessage {
  info: api_types_mount.ActivationInfo | null;
}
