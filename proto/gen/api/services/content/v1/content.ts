// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_field_mask from '../../../../google/protobuf/field_mask.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

export type WriteAction =
  | 'STAT'
  | 'WRITE'
  | 'COMMIT';

export interface Info {
  digest: string;
  size: number;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  updatedAt: google_protobuf_timestamp.Timestamp | null;
  labels: Record<string, string>;
}

export interface InfoRequest {
  digest: string;
}

export interface InfoResponse {
  info: Info | null;
}

export interface UpdateRequest {
  info: Info | null;
  updateMask: google_protobuf_field_mask.FieldMask | null;
}

export interface UpdateResponse {
  info: Info | null;
}

export interface ListContentRequest {
  filters: string[];
}

export interface ListContentResponse {
  info: Info[];
}

export interface DeleteContentRequest {
  digest: string;
}

export interface ReadContentRequest {
  digest: string;
  offset: number;
  size: number;
}

export interface ReadContentResponse {
  offset: number;
  data: Buffer;
}

export interface Status {
  startedAt: google_protobuf_timestamp.Timestamp | null;
  updatedAt: google_protobuf_timestamp.Timestamp | null;
  ref: string;
  offset: number;
  total: number;
  expected: string;
}

export interface StatusRequest {
  ref: string;
}

export interface StatusResponse {
  status: Status | null;
}

export interface ListStatusesRequest {
  filters: string[];
}

export interface ListStatusesResponse {
  statuses: Status[];
}

export interface WriteContentRequest {
  action: WriteAction;
  ref: string;
  total: number;
  expected: string;
  offset: number;
  data: Buffer;
  labels: Record<string, string>;
}

export interface WriteContentResponse {
  action: WriteAction;
  startedAt: google_protobuf_timestamp.Timestamp | null;
  updatedAt: google_protobuf_timestamp.Timestamp | null;
  offset: number;
  total: number;
  digest: string;
}

export interface AbortRequest {
  ref: string;
}
