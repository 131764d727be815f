// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_descriptor from '../../../types/descriptor.ts';
import type * as api_types_mount from '../../../types/mount.ts';
import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

/** A layer and where it goes. */
export interface ApplyRequest {
  /** The blob to unpack. */
  diff: api_types_descriptor.Descriptor | null;
  /** Mounts that make up the target; mounted by the server for this call only. */
  mounts: api_types_mount.Mount[];
  /** Extra input of stream processors, by processor id. */
  payloads: Record<string, google_protobuf_any.Any>;
  /** Flush the target's filesystem to disk before answering. */
  syncFs: boolean;
}

/** Outcome of Apply. */
export interface ApplyResponse {
  /** The archive as unpacked: digest and size of the uncompressed bytes. */
  applied: api_types_descriptor.Descriptor | null;
}

/** Two states and how to store their difference. */
export interface DiffRequest {
  /** Mounts of the lower state; none stands for an empty tree. */
  left: api_types_mount.Mount[];
  /** Mounts of the upper state. */
  right: api_types_mount.Mount[];
  /** Type of the blob, which decides its compression; empty for the default. */
  mediaType: string;
  /** Name of the ingest to write through; empty for a made-up one. */
  ref: string;
  /** Labels for the blob. */
  labels: Record<string, string>;
  /** Time to give files that are newer, and deletions, for reproducible blobs. */
  sourceDateEpoch: google_protobuf_timestamp.Timestamp | null;
}

/** Outcome of Diff. */
export interface DiffResponse {
  /** The stored blob. */
  diff: api_types_descriptor.Descriptor | null;
}
