// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_mount from '../../../types/mount.ts';
import type * as google_protobuf_field_mask from '../../../../google/protobuf/field_mask.ts';

/** Mounts to prepare. */
export interface ActivateRequest {
  /** Unique name of the activation; ALREADY_EXISTS when it is taken. */
  name: string;
  /** In the order in which to mount them. */
  mounts: api_types_mount.Mount[];
  labels: Record<string, string>;
  /** Undo it when the caller's lease ends. */
  temporary: boolean;
}

/** The activation made. */
export interface ActivateResponse {
  info: api_types_mount.ActivationInfo | null;
}

/** Names an activation. */
export interface DeactivateRequest {
  name: string;
}

/** Names an activation. */
export interface InfoRequest {
  name: string;
}

/** The activation asked for. */
export interface InfoResponse {
  info: api_types_mount.ActivationInfo | null;
}

/** Carries changed fields. */
export interface UpdateRequest {
  info: api_types_mount.ActivationInfo | null;
  /** Fields to change. */
  updateMask: google_protobuf_field_mask.FieldMask | null;
}

/** The activation after the change. */
export interface UpdateResponse {
  info: api_types_mount.ActivationInfo | null;
}

/** Selects activations. */
export interface ListRequest {
  /** An activation is listed when any of them matches; none lists all. */
  filters: string[];
}

/** One activation of a list. */
export interface ListMessage {
  info: api_types_mount.ActivationInfo | null;
}
