// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';
import type * as google_protobuf_field_mask from '../../../../google/protobuf/field_mask.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

export interface Container {
  id: string;
  labels: Record<string, string>;
  image: string;
  runtime: Container_Runtime | null;
  spec: google_protobuf_any.Any | null;
  snapshotter: string;
  snapshotKey: string;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  updatedAt: google_protobuf_timestamp.Timestamp | null;
  extensions: Record<string, google_protobuf_any.Any>;
  sandbox: string;
}

export interface Container_Runtime {
  name: string;
  options: google_protobuf_any.Any | null;
}

export interface GetContainerRequest {
  id: string;
}

export interface GetContainerResponse {
  container: Container | null;
}

export interface ListContainersRequest {
  filters: string[];
}

export interface ListContainersResponse {
  containers: Container[];
}

export interface CreateContainerRequest {
  container: Container | null;
}

export interface CreateContainerResponse {
  container: Container | null;
}

export interface UpdateContainerRequest {
  container: Container | null;
  updateMask: google_protobuf_field_mask.FieldMask | null;
}

export interface UpdateContainerResponse {
  container: Container | null;
}

export interface DeleteContainerRequest {
  id: string;
}

export interface ListContainerMessage {
  container: Container | null;
}
