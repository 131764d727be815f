// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_field_mask from '../../../../google/protobuf/field_mask.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

/**
 * What a message of a Write stream asks for.
 * - `STAT`: Only report the state of the ingest.
 * - `WRITE`: Append data.
 * - `COMMIT`: Append data if there is any, check size and digest, and make the ingest a blob.
 */
export type WriteAction =
  | 'STAT'
  | 'WRITE'
  | 'COMMIT';

/** A blob without its bytes. */
export interface Info {
  /** Algorithm and hex hash, such as sha256:…. */
  digest: string;
  /** Length in bytes. */
  size: number;
  /** When it was committed. */
  createdAt: google_protobuf_timestamp.Timestamp | null;
  /** When its labels last changed. */
  updatedAt: google_protobuf_timestamp.Timestamp | null;
  /** Notes; those below containerd.io/gc. steer garbage collection. */
  labels: Record<string, string>;
}

/** Names one blob. */
export interface InfoRequest {
  digest: string;
}

/** The blob asked for. */
export interface InfoResponse {
  info: Info | null;
}

/** Carries new labels. */
export interface UpdateRequest {
  /** Names the blob by its digest and holds the new labels. */
  info: Info | null;
  /** `labels` or single `labels.<key>`; empty replaces all labels. */
  updateMask: google_protobuf_field_mask.FieldMask | null;
}

/** The blob after the change. */
export interface UpdateResponse {
  info: Info | null;
}

/** Selects blobs. */
export interface ListContentRequest {
  /** A blob is listed when any of them matches; none lists all. */
  filters: string[];
}

/** Some of the blobs found. */
export interface ListContentResponse {
  info: Info[];
}

/** Names the blob to drop. */
export interface DeleteContentRequest {
  digest: string;
}

/** Selects bytes of a blob. */
export interface ReadContentRequest {
  digest: string;
  /** First byte wanted. */
  offset: number;
  /** Number of bytes wanted; 0 or less reads to the end. */
  size: number;
}

/** A chunk of at most 1 MiB. */
export interface ReadContentResponse {
  /** Place of the chunk, counted from the start of the range asked for. */
  offset: number;
  data: Buffer;
}

/** State of one ingest. */
export interface Status {
  /** When the ingest was opened first. */
  startedAt: google_protobuf_timestamp.Timestamp | null;
  /** When bytes last arrived. */
  updatedAt: google_protobuf_timestamp.Timestamp | null;
  /** The caller's name for it. */
  ref: string;
  /** Bytes received so far. */
  offset: number;
  /** Bytes expected; 0 when not known. */
  total: number;
  /** Digest the blob is to have; empty when not known. */
  expected: string;
}

/** Names one ingest. */
export interface StatusRequest {
  ref: string;
}

/** The ingest asked for. */
export interface StatusResponse {
  status: Status | null;
}

/** Selects ingests. */
export interface ListStatusesRequest {
  /** An ingest is listed when any of them matches; none lists all. */
  filters: string[];
}

/** The ingests found. */
export interface ListStatusesResponse {
  statuses: Status[];
}

/** One step of an ingest. */
export interface WriteContentRequest {
  /** What to do. */
  action: WriteAction;
  /** Name of the ingest; required in the first message, the same or empty in later ones. */
  ref: string;
  /** Size of the whole blob in bytes; 0 when not known. */
  total: number;
  /**
   * Digest of the whole blob; empty when not known. A blob that exists already ends the call with
   * ALREADY_EXISTS.
   */
  expected: string;
  /** Where the data belongs; must be the current offset, except that 0 starts the ingest over. */
  offset: number;
  /** Bytes to append; the Go client sends 8 MiB at most. */
  data: Buffer;
  /** Labels for the blob, read with COMMIT. */
  labels: Record<string, string>;
}

/** State after that step. */
export interface WriteContentResponse {
  /** The action answered. */
  action: WriteAction;
  /** When the ingest was opened first. */
  startedAt: google_protobuf_timestamp.Timestamp | null;
  /** When bytes last arrived. */
  updatedAt: google_protobuf_timestamp.Timestamp | null;
  /** Bytes received so far, where the next data belongs. */
  offset: number;
  /** Bytes expected; 0 when not known. */
  total: number;
  /** Digest of the bytes so far; after COMMIT that of the blob. */
  digest: string;
}

/** Names the ingest to throw away. */
export interface AbortRequest {
  ref: string;
}
