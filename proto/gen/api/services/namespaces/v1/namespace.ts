// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_field_mask from '../../../../google/protobuf/field_mask.ts';

/** A namespace. */
export interface Namespace {
  /** Identifier of at most 76 characters. */
  name: string;
  /** Notes; some keys below containerd.io/defaults/ set defaults for clients. */
  labels: Record<string, string>;
}

/** Names one namespace. */
export interface GetNamespaceRequest {
  name: string;
}

/** The namespace asked for. */
export interface GetNamespaceResponse {
  namespace: Namespace | null;
}

/** Selects namespaces. */
export interface ListNamespacesRequest {
  /** Reserved; servers list all. */
  filter: string;
}

/** The namespaces found. */
export interface ListNamespacesResponse {
  namespaces: Namespace[];
}

/** Carries a new namespace. */
export interface CreateNamespaceRequest {
  namespace: Namespace | null;
}

/** The namespace as stored. */
export interface CreateNamespaceResponse {
  namespace: Namespace | null;
}

/** Carries new labels. */
export interface UpdateNamespaceRequest {
  namespace: Namespace | null;
  /** Single `labels.<key>`; empty replaces all labels. */
  updateMask: google_protobuf_field_mask.FieldMask | null;
}

/** The namespace after the change. */
export interface UpdateNamespaceResponse {
  namespace: Namespace | null;
}

/** Names the namespace to forget. */
export interface DeleteNamespaceRequest {
  name: string;
}
