// Generated from the .proto files by `npm run proto`; do not edit.

export interface Options {
  noPivotRoot: boolean;
  noNewKeyring: boolean;
  shimCgroup: string;
  ioUid: number;
  ioGid: number;
  binaryName: string;
  root: string;
  systemdCgroup: boolean;
  criuImagePath: string;
  criuWorkPath: string;
  taskApiAddress: string;
  taskApiVersion: number;
}

export interface CheckpointOptions {
  exit: boolean;
  openTcp: boolean;
  externalUnixSockets: boolean;
  terminal: boolean;
  fileLocks: boolean;
  emptyNamespaces: string[];
  cgroupsMode: string;
  imagePath: string;
  workPath: string;
  parentPath: string;
}

export interface ProcessDetails {
  execId: string;
}
