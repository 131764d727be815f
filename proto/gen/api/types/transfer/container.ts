// Generated from the .proto files by `npm run proto`; do not edit.

export interface ContainerPath {
  containerId: string;
  path: string;
  noWalk: boolean;
  preserveOwnership: boolean;
}
