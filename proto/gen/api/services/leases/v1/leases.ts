// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

/** A named set of resources. */
export interface Lease {
  id: string;
  /** Set by the server. */
  createdAt: google_protobuf_timestamp.Timestamp | null;
  /** Notes; containerd.io/gc.expire ends the lease at a given time. */
  labels: Record<string, string>;
}

/** Describes a new lease. */
export interface CreateRequest {
  /** Name of the lease; empty lets the server make one. */
  id: string;
  labels: Record<string, string>;
}

/** The lease as stored. */
export interface CreateResponse {
  lease: Lease | null;
}

/** Names the lease to end. */
export interface DeleteRequest {
  id: string;
  /** Answer only after a garbage collection. */
  sync: boolean;
}

/** Selects leases. */
export interface ListRequest {
  /** A lease is listed when any of them matches; none lists all. */
  filters: string[];
}

/** The leases found. */
export interface ListResponse {
  leases: Lease[];
}

/** Something a lease can hold. */
export interface Resource {
  /** Digest, snapshot key, ingest ref or image name. */
  id: string;
  /** `content`, `ingests`, `images` or `snapshots/<snapshotter>`. */
  type: string;
}

/** A resource and its future lease. */
export interface AddResourceRequest {
  /** Id of the lease. */
  id: string;
  resource: Resource | null;
}

/** A resource and the lease it leaves. */
export interface DeleteResourceRequest {
  /** Id of the lease. */
  id: string;
  resource: Resource | null;
}

/** Names one lease. */
export interface ListResourcesRequest {
  /** Id of the lease. */
  id: string;
}

/** The resources of a lease. */
export interface ListResourcesResponse {
  resources: Resource[];
}
