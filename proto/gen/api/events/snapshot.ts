// Generated from the .proto files by `npm run proto`; do not edit.

/** An active snapshot was made. */
export interface SnapshotPrepare {
  key: string;
  /** Name of its parent; empty for none. */
  parent: string;
  snapshotter: string;
}

/** An active snapshot was committed. */
export interface SnapshotCommit {
  /** What the active one was called. */
  key: string;
  /** What the committed one is called. */
  name: string;
  snapshotter: string;
}

/** A snapshot was removed. */
export interface SnapshotRemove {
  key: string;
  snapshotter: string;
}
