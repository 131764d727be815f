import type { Logger } from '../../base/logger.ts';
import type { Sys } from '../../native/sys.ts';
import type { KeyValue } from '../../snapshotter/key-value.ts';
import type { Snapshotter } from '../../snapshotter/snapshotter.ts';
import type { Info, Status } from '../content/content.ts';
import type { Database } from '../metadata/database.ts';
import type { NamespacedSnapshotter } from '../metadata/snapshots.ts';
import type { Bundle } from '../runtime/bundle.ts';
import type { Task } from '../runtime/task.ts';

/** The daemon's parts as the doctor needs them. */
export interface World {
  readonly database: Pick<Database, 'get' | 'list' | 'update'>;
  readonly content: StoredContent;
  /** Its files; none if it is a process of its own, whose disk is its own to look after. */
  readonly blobs: Blobs | undefined;
  /** The snapshotters whose layers are directories of the daemon's own. */
  readonly layerStores: readonly LayerStore[];
  readonly tasks: Tasks;
  readonly bundles: { list(): Promise<Bundle[]>; locate(namespace: string, id: string): Bundle };
  /** Whether a mount point is one the daemon itself has made for a while. */
  readonly isTemporaryMount: (path: string) => boolean;
  readonly sys: Pick<
    Sys,
    'diskUsage' | 'hashFile' | 'mountInfo' | 'processStartTicks' | 'removeTree' | 'unmountRecursive'
  >;
  readonly log: Logger;
  readonly paths: WorldPaths;
}

/** A snapshotter of the daemon's own. */
export interface LayerStore {
  readonly snapshots: Pick<NamespacedSnapshotter, 'name' | 'remove' | 'prune'>;
  readonly snapshotter: Pick<Snapshotter, 'stat' | 'usage' | 'remove' | 'cleanup'>;
  /** Its own records. */
  readonly records: Pick<KeyValue, 'list'>;
  /** Its directories, one per snapshot. */
  readonly layers: string;
}

/** Where the daemon's things are. */
export interface WorldPaths {
  readonly root: string;
  readonly state: string;
  /** The directories of each snapshotter, one per snapshot, by the snapshotter's name. */
  readonly layers: Readonly<Record<string, string>>;
  readonly content: string;
  /** The shims' sockets. */
  readonly sockets: string;
  readonly runc: string;
  /** What was set aside as damaged. */
  readonly damaged: string;
  /** The daemon's gRPC socket, which its shims have on their command line. */
  readonly address: string;
}

/** The content store, wherever it is. */
export interface StoredContent {
  list(): AsyncIterable<Info>;
  info(digest: string): Promise<Info>;
  /** Whether somebody is writing an ingest. */
  isOpen(ref: string): boolean;
  status(ref: string): Promise<Status>;
}

/** The content store on disk. */
export interface Blobs {
  list(): AsyncIterable<Info>;
  /** Leaves those that somebody is about to use or that are used; resolves with the number of the others. */
  deleteUnused(digests: readonly string[], isUsed: (digest: string) => boolean): Promise<number>;
  blobPath(digest: string): string;
}

/** The task manager. */
export interface Tasks {
  /** Whether a task of that id exists, or is being made or taken away. */
  owns(namespace: string, id: string): boolean;
  all(): Task[];
  /** Keeps anybody from making a task of that id meanwhile; false, without running `body`, if it has an owner. */
  exclusively(namespace: string, id: string, body: () => Promise<void>): Promise<boolean>;
  /** Finds out what became of the task of a bundle: gives it back, or takes away what is left of it. */
  recoverBundle(bundle: Bundle): Promise<void>;
}
