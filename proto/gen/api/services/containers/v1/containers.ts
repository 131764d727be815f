// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';
import type * as google_protobuf_field_mask from '../../../../google/protobuf/field_mask.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

/** Everything needed to start a task, and what users note about it. */
export interface Container {
  /** Unique in its namespace; cannot be changed. */
  id: string;
  /** Free notes, at most 4096 bytes of key and value each. */
  labels: Record<string, string>;
  /** Name of the image it was made from; only a note, and a root for garbage collection. */
  image: string;
  /** The shim that runs its tasks; the name cannot be changed. */
  runtime: Container_Runtime | null;
  /** OCI runtime specification, as JSON. */
  spec: google_protobuf_any.Any | null;
  /** Snapshotter that holds the root filesystem; empty when the caller brings its own. */
  snapshotter: string;
  /** Key of the snapshot with the root filesystem; needs snapshotter. */
  snapshotKey: string;
  /** Set by the server. */
  createdAt: google_protobuf_timestamp.Timestamp | null;
  /** Set by the server at every change. */
  updatedAt: google_protobuf_timestamp.Timestamp | null;
  /** Data of clients under names of their own; keys must not be empty. */
  extensions: Record<string, google_protobuf_any.Any>;
  /** Id of the sandbox it belongs to; empty for none. */
  sandbox: string;
}

/** Which shim, and how it is set up. */
export interface Container_Runtime {
  /** Runtime name such as io.containerd.runc.v2, or the absolute path of a shim. */
  name: string;
  /** Options message of that runtime; absent means its defaults. */
  options: google_protobuf_any.Any | null;
}

/** Names one container. */
export interface GetContainerRequest {
  id: string;
}

/** The container asked for. */
export interface GetContainerResponse {
  container: Container | null;
}

/** Selects containers. */
export interface ListContainersRequest {
  /** A container is listed when any of them matches; none lists all. */
  filters: string[];
}

/** The containers found, in order of their ids. */
export interface ListContainersResponse {
  containers: Container[];
}

/** Carries a new container; its times are ignored. */
export interface CreateContainerRequest {
  container: Container | null;
}

/** The container as stored. */
export interface CreateContainerResponse {
  container: Container | null;
}

/** Carries changed fields. */
export interface UpdateContainerRequest {
  /** Names the container by its id and holds the new values. */
  container: Container | null;
  /** Fields to change; empty replaces labels, spec, extensions, image and snapshot_key together. */
  updateMask: google_protobuf_field_mask.FieldMask | null;
}

/** The whole container after the change. */
export interface UpdateContainerResponse {
  container: Container | null;
}

/** Names the container to forget. */
export interface DeleteContainerRequest {
  id: string;
}

/** One container of a streamed list. */
export interface ListContainerMessage {
  container: Container | null;
}
