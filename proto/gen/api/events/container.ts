// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../google/protobuf/any.ts';

export interface ContainerCreate {
  id: string;
  image: string;
  runtime: ContainerCreate_Runtime | null;
}

export interface ContainerCreate_Runtime {
  name: string;
  options: google_protobuf_any.Any | null;
}

export interface ContainerUpdate {
  id: string;
  image: string;
  labels: Record<string, string>;
  snapshotKey: string;
}

export interface ContainerDelete {
  id: string;
}
