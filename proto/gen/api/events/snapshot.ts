// Generated from the .proto files by `npm run proto`; do not edit.

export interface SnapshotPrepare {
  key: string;
  parent: string;
  snapshotter: string;
}

export interface SnapshotCommit {
  key: string;
  name: string;
  snapshotter: string;
}

export interface SnapshotRemove {
  key: string;
  snapshotter: string;
}
