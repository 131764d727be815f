// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_field_mask from '../../../../google/protobuf/field_mask.ts';

export interface Namespace {
  name: string;
  labels: Record<string, string>;
}

export interface GetNamespaceRequest {
  name: string;
}

export interface GetNamespaceResponse {
  namespace: Namespace | null;
}

export interface ListNamespacesRequest {
  filter: string;
}

export interface ListNamespacesResponse {
  namespaces: Namespace[];
}

export interface CreateNamespaceRequest {
  namespace: Namespace | null;
}

export interface CreateNamespaceResponse {
  namespace: Namespace | null;
}

export interface UpdateNamespaceRequest {
  namespace: Namespace | null;
  updateMask: google_protobuf_field_mask.FieldMask | null;
}

export interface UpdateNamespaceResponse {
  namespace: Namespace | null;
}

export interface DeleteNamespaceRequest {
  name: string;
}
