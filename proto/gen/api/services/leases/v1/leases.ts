// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

export interface Lease {
  id: string;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  labels: Record<string, string>;
}

export interface CreateRequest {
  id: string;
  labels: Record<string, string>;
}

export interface CreateResponse {
  lease: Lease | null;
}

export interface DeleteRequest {
  id: string;
  sync: boolean;
}

export interface ListRequest {
  filters: string[];
}

export interface ListResponse {
  leases: Lease[];
}

export interface Resource {
  id: string;
  type: string;
}

export interface AddResourceRequest {
  id: string;
  resource: Resource | null;
}

export interface DeleteResourceRequest {
  id: string;
  resource: Resource | null;
}

export interface ListResourcesRequest {
  id: string;
}

export interface ListResourcesResponse {
  resources: Resource[];
}
