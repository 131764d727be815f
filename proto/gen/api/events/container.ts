// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../google/protobuf/any.ts';

/** A container was stored. */
export interface ContainerCreate {
  id: string;
  image: string;
  runtime: ContainerCreate_Runtime | null;
}

/** The runtime of a new container. */
export interface ContainerCreate_Runtime {
  name: string;
  options: google_protobuf_any.Any | null;
}

/** A container was changed; values are those after the change. */
export interface ContainerUpdate {
  id: string;
  image: string;
  labels: Record<string, string>;
  snapshotKey: string;
}

/** A container was forgotten. */
export interface ContainerDelete {
  id: string;
}
