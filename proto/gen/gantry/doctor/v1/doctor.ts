// Generated from the .proto files by `npm run proto`; do not edit.

/** What to look for. */
export interface CheckRequest {
  /** Take away or put right what is found. */
  repair: boolean;
  /** Read every blob and compare it with its digest, which takes as long as reading the whole store does. */
  verify: boolean;
}

/** What was found; nothing when all is well. */
export interface CheckResponse {
  findings: Finding[];
}

/** One thing that is not as it should be. */
export interface Finding {
  /** A word for the kind, such as `blob-unreferenced`; docs/doctor.md lists them. */
  kind: string;
  /** What it is, for people. */
  what: string;
  /** Where it is: a file, directory, cgroup or mount point; empty for what is only a record. */
  path: string;
  /** Space that it takes, in bytes. */
  sizeBytes: number;
  /** What to do about it. */
  advice: string;
  /** Whether a repair was asked for and has dealt with it. */
  repaired: boolean;
  /** Why a repair has not dealt with it; empty otherwise. */
  failure: string;
}

/** What to remove. */
export interface PruneRequest {
  /** Only tell what would be removed. */
  dryRun: boolean;
}

/** What was removed, or would be. */
export interface PruneResponse {
  pruned: Pruned[];
  /** What could not be removed. */
  failures: Finding[];
}

/** All that was removed of one kind. */
export interface Pruned {
  /** `blobs`, `snapshots`, `ingests`, or the kind of an orphan. */
  kind: string;
  /** How many. */
  count: number;
  /** Space they took, in bytes. */
  sizeBytes: number;
}
