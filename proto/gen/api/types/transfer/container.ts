// Generated from the .proto files by `npm run proto`; do not edit.

/** A file or directory of a container. */
export interface ContainerPath {
  containerId: string;
  path: string;
  /** Take a directory without what is in it. */
  noWalk: boolean;
  /** Keep owner and group. */
  preserveOwnership: boolean;
}
