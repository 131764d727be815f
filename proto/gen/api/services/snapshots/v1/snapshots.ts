// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_mount from '../../../types/mount.ts';
import type * as google_protobuf_field_mask from '../../../../google/protobuf/field_mask.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

export type Kind =
  | 'UNKNOWN'
  | 'VIEW'
  | 'ACTIVE'
  | 'COMMITTED';

export interface PrepareSnapshotRequest {
  snapshotter: string;
  key: string;
  parent: string;
  labels: Record<string, string>;
}

export interface PrepareSnapshotResponse {
  mounts: api_types_mount.Mount[];
}

export interface ViewSnapshotRequest {
  snapshotter: string;
  key: string;
  parent: string;
  labels: Record<string, string>;
}

export interface ViewSnapshotResponse {
  mounts: api_types_mount.Mount[];
}

export interface MountsRequest {
  snapshotter: string;
  key: string;
}

export interface MountsResponse {
  mounts: api_types_mount.Mount[];
}

export interface RemoveSnapshotRequest {
  snapshotter: string;
  key: string;
}

export interface CommitSnapshotRequest {
  snapshotter: string;
  name: string;
  key: string;
  labels: Record<string, string>;
  parent: string;
}

export interface StatSnapshotRequest {
  snapshotter: string;
  key: string;
}

export interface Info {
  name: string;
  parent: string;
  kind: Kind;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  updatedAt: google_protobuf_timestamp.Timestamp | null;
  labels: Record<string, string>;
}

export interface StatSnapshotResponse {
  info: Info | null;
}

export interface UpdateSnapshotRequest {
  snapshotter: string;
  info: Info | null;
  updateMask: google_protobuf_field_mask.FieldMask | null;
}

export interface UpdateSnapshotResponse {
  info: Info | null;
}

export interface ListSnapshotsRequest {
  snapshotter: string;
  filters: string[];
}

export interface ListSnapshotsResponse {
  info: Info[];
}

export interface UsageRequest {
  snapshotter: string;
  key: string;
}

export interface UsageResponse {
  size: number;
  inodes: number;
}

export interface CleanupRequest {
  snapshotter: string;
}
