// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_mount from '../../../types/mount.ts';
import type * as google_protobuf_field_mask from '../../../../google/protobuf/field_mask.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

/**
 * What may be done with a snapshot.
 * - `UNKNOWN`: Never sent for a snapshot that exists.
 * - `VIEW`: Can be mounted, read-only.
 * - `ACTIVE`: Can be mounted and written to.
 * - `COMMITTED`: Can be a parent; never changes again.
 */
export type Kind =
  | 'UNKNOWN'
  | 'VIEW'
  | 'ACTIVE'
  | 'COMMITTED';

/** Describes a new active snapshot. */
export interface PrepareSnapshotRequest {
  /** Which snapshotter; must not be empty. */
  snapshotter: string;
  /** Name of the new snapshot; ALREADY_EXISTS when it is taken. */
  key: string;
  /** Committed snapshot to start from; empty starts from nothing. */
  parent: string;
  labels: Record<string, string>;
}

/** How to mount it. */
export interface PrepareSnapshotResponse {
  /** In the order in which to mount them. */
  mounts: api_types_mount.Mount[];
}

/** Describes a new view. */
export interface ViewSnapshotRequest {
  /** Which snapshotter; must not be empty. */
  snapshotter: string;
  /** Name of the new view; ALREADY_EXISTS when it is taken. */
  key: string;
  /** Committed snapshot to look at; empty looks at nothing. */
  parent: string;
  labels: Record<string, string>;
}

/** How to mount it. */
export interface ViewSnapshotResponse {
  /** In the order in which to mount them. */
  mounts: api_types_mount.Mount[];
}

/** Names one snapshot. */
export interface MountsRequest {
  /** Which snapshotter; must not be empty. */
  snapshotter: string;
  key: string;
}

/** How to mount it. */
export interface MountsResponse {
  /** In the order in which to mount them. */
  mounts: api_types_mount.Mount[];
}

/** Names the snapshot to remove. */
export interface RemoveSnapshotRequest {
  /** Which snapshotter; must not be empty. */
  snapshotter: string;
  key: string;
}

/** Names an active snapshot and what it becomes. */
export interface CommitSnapshotRequest {
  /** Which snapshotter; must not be empty. */
  snapshotter: string;
  /** Name of the committed snapshot; ALREADY_EXISTS when it is taken. */
  name: string;
  /** The active snapshot, which exists no more afterwards. */
  key: string;
  labels: Record<string, string>;
  /** New parent, for a snapshot prepared without one; empty keeps the parent. */
  parent: string;
}

/** Names one snapshot. */
export interface StatSnapshotRequest {
  /** Which snapshotter; must not be empty. */
  snapshotter: string;
  key: string;
}

/** A snapshot without its files. */
export interface Info {
  /** Its key, or its name once committed. */
  name: string;
  /** Name of its parent; empty for none. */
  parent: string;
  kind: Kind;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  /** When its labels last changed. */
  updatedAt: google_protobuf_timestamp.Timestamp | null;
  labels: Record<string, string>;
}

/** The snapshot asked for. */
export interface StatSnapshotResponse {
  info: Info | null;
}

/** Carries new labels. */
export interface UpdateSnapshotRequest {
  /** Which snapshotter; must not be empty. */
  snapshotter: string;
  /** Names the snapshot and holds the new labels. */
  info: Info | null;
  /** `labels` or single `labels.<key>`; empty replaces all labels. */
  updateMask: google_protobuf_field_mask.FieldMask | null;
}

/** The snapshot after the change. */
export interface UpdateSnapshotResponse {
  info: Info | null;
}

/** Selects snapshots. */
export interface ListSnapshotsRequest {
  /** Which snapshotter; must not be empty. */
  snapshotter: string;
  /** A snapshot is listed when any of them matches; none lists all. */
  filters: string[];
}

/** Some of the snapshots found. */
export interface ListSnapshotsResponse {
  info: Info[];
}

/** Names one snapshot. */
export interface UsageRequest {
  /** Which snapshotter; must not be empty. */
  snapshotter: string;
  key: string;
}

/** Disk space used. */
export interface UsageResponse {
  /** Bytes. */
  size: number;
  /** Number of files and directories. */
  inodes: number;
}

/** Names a snapshotter. */
export interface CleanupRequest {
  /** Which snapshotter; must not be empty. */
  snapshotter: string;
}
