/**
 * A snapshotter keeps the root file systems of containers as stacks of layers.
 *
 * A *snapshot* is one layer: the files that differ from its *parent*, or all of them when it has none. A snapshot has a
 * *kind*:
 *
 * - *active*: being written. It is known by its *key*, has mounts, and nothing can be stacked on it.
 * - *view*: a read-only look at its parent, known by its key. It has mounts and can never be committed.
 * - *committed*: finished and immutable, known by its *name*. It has no mounts of its own; it is what others name as parent.
 *
 * Keys and names share one space, so a name in use as a key is taken. Who stacks an image prepares an active snapshot on
 * the layer below, mounts it, writes, unmounts, and commits it under a name; the key is gone with that. Who runs a
 * container prepares an active snapshot on the topmost layer and mounts it for as long as the container lives. Who only
 * wants to look takes a view. Snapshots are removed from the leaves down: one with children stays.
 *
 * A snapshotter mounts nothing. It answers with the mounts that make a snapshot visible, and the caller does the mounting,
 * perhaps in another mount namespace.
 */
export interface Snapshotter extends AsyncDisposable {
  /**
   * Makes an active snapshot on `parent`, or an empty one when `parent` is ''.
   * @throws already-exists for a key in use, not-found for a missing parent, invalid-argument for an uncommitted one
   */
  prepare(key: string, parent: string, options?: CreateOptions): Promise<Mount[]>;

  /** Makes a read-only view of `parent`; fails as `prepare` does. */
  view(key: string, parent: string, options?: CreateOptions): Promise<Mount[]>;

  /**
   * The mounts that an earlier `prepare` or `view` answered.
   * @throws not-found, or failed-precondition for a committed snapshot
   */
  mounts(key: string): Promise<Mount[]>;

  /**
   * Turns the active snapshot `key` into the committed snapshot `name`, with new labels and times. A snapshot that was
   * prepared without a parent can be given one here (rebase), which is how layers of a stack are written in parallel.
   * @throws already-exists for a name in use, not-found, failed-precondition unless it is active and its parent
   * committed, invalid-argument for another parent than it has
   */
  commit(name: string, key: string, options?: CommitOptions): Promise<void>;

  /**
   * Forgets a snapshot of any kind; its key or name is free at once, its disk space soon after.
   * @throws not-found, or failed-precondition if it has children
   */
  remove(key: string): Promise<void>;

  /**
   * Removes those that exist and have no children but each other, in less time than one after another takes; resolves with
   * their number. Not every snapshotter can.
   */
  removeAll?(keys: ReadonlySet<string>): Promise<number>;

  /** @throws not-found */
  stat(key: string): Promise<SnapshotInfo>;

  /**
   * Changes labels: all of them without `fieldPaths` or with `labels`, one with `labels.KEY`. An empty value deletes.
   * @throws not-found, or invalid-argument for any other field path
   */
  update(change: SnapshotChange, fieldPaths?: readonly string[]): Promise<SnapshotInfo>;

  /**
   * Every snapshot that matches at least one of `filters`, in the order of their keys. Snapshots may be added and removed
   * meanwhile.
   * @throws invalid-argument for a filter that cannot be parsed
   */
  walk(filters?: readonly string[]): AsyncIterable<SnapshotInfo>;

  /** What the snapshot itself takes, without its parents; counted on the spot for an active one. @throws not-found */
  usage(key: string, options?: { signal?: AbortSignal | undefined }): Promise<SnapshotUsage>;

  /** Frees the space of all that is no longer referred to; resolves when it is freed. */
  cleanup(): Promise<void>;

  /** Waits for work in the background. Calling it again does nothing. */
  close(): Promise<void>;
}

export type SnapshotKind = 'active' | 'view' | 'committed';

export type Labels = Readonly<Record<string, string>>;

/** A snapshot as callers see it. */
export interface SnapshotInfo {
  /** Key of an active snapshot or a view, name of a committed one. */
  readonly name: string;
  /** Name of the parent, or ''. */
  readonly parent: string;
  readonly kind: SnapshotKind;
  readonly labels: Labels;
  /** Nanoseconds since the epoch; a commit counts as creation. */
  readonly createdAtNs: bigint;
  /** Nanoseconds since the epoch. */
  readonly updatedAtNs: bigint;
}

/** What an update may change, of the snapshot named. */
export interface SnapshotChange {
  readonly name: string;
  readonly labels: Labels;
}

export interface SnapshotUsage {
  /** Bytes on disk; a file with several names counts once. */
  readonly sizeBytes: number;
  /** Files, directories and everything else with an inode of its own. */
  readonly inodes: number;
}

/** One mount, as in `containerd.types.Mount`. */
export interface Mount {
  /** File system type, or `bind`. */
  type: string;
  source: string;
  /** Where below the mount point to mount; '' for the mount point itself. */
  target: string;
  /** As in fstab(5); those that are no mount flag go to the file system. */
  options: string[];
}

export interface CreateOptions {
  readonly labels?: Labels;
}

export interface CommitOptions {
  readonly labels?: Labels;
  /** The parent to put below a snapshot that was prepared without one. */
  readonly parent?: string;
}
