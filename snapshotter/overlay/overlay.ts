import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { failedPrecondition, messageOf, wrap } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import type { Logger } from '../../base/logger.ts';
import type { KeyValue } from '../key-value.ts';
import { infoOf, type SnapshotRecord } from '../record.ts';
import type {
  CommitOptions,
  CreateOptions,
  Mount,
  SnapshotChange,
  SnapshotInfo,
  Snapshotter,
  SnapshotUsage,
} from '../snapshotter.ts';
import { type NewSnapshot, SnapshotStorage } from '../storage.ts';
import { overlayOptions } from './detect.ts';
import { LayerDirectories, type TreeRemover } from './directories.ts';
import { writeLayerRecord } from './layer-record.ts';
import { overlayMounts } from './mounts.ts';

const upperDirectoryLabel = 'containerd.io/snapshot/overlay.upperdir';

export interface OverlayDeps {
  readonly sys: OverlaySys;
  readonly records: KeyValue;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the driver needs of the kernel. */
export interface OverlaySys extends TreeRemover {
  /** Puts everything written to the file system that holds `path` on disk. */
  syncFileSystem(path: string): Promise<void>;
  /** Space and inodes below a directory, counted off the event loop; hard links once. */
  diskUsage(path: string, options?: { signal?: AbortSignal | undefined }): Promise<SnapshotUsage>;
}

export interface OverlayOptions {
  /** The snapshotter's own directory; made if missing. */
  readonly root: string;
  /** Options of every overlay mount, before the detected ones. */
  readonly mountOptions?: readonly string[];
  /** Tell where a snapshot's own files are, in the label `containerd.io/snapshot/overlay.upperdir`. */
  readonly upperDirectoryLabel?: boolean;
}

/** Layers as directories, stacked by the kernel's overlayfs. */
export class OverlaySnapshotter implements Snapshotter {
  readonly #storage: SnapshotStorage;
  readonly #directories: LayerDirectories;
  readonly #sys: OverlaySys;
  readonly #logger: Logger;
  readonly #mountOptions: readonly string[];
  readonly #labelled: boolean;

  private constructor(deps: OverlayDeps, options: OverlayOptions, mountOptions: readonly string[]) {
    this.#storage = new SnapshotStorage(deps);
    this.#directories = new LayerDirectories(deps, join(options.root, 'snapshots'));
    this.#sys = deps.sys;
    this.#logger = deps.logger;
    this.#mountOptions = mountOptions;
    this.#labelled = options.upperDirectoryLabel === true;
  }

  /** Makes the root if there is none, and starts to delete what an earlier process left behind. */
  static async open(deps: OverlayDeps, options: OverlayOptions): Promise<OverlaySnapshotter> {
    for (const directory of [options.root, join(options.root, 'snapshots')]) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await chmod(directory, 0o700);
    }
    const mountOptions = await overlayOptions(options.root, options.mountOptions ?? []);
    const snapshotter = new OverlaySnapshotter(deps, options, mountOptions);
    await snapshotter.#directories.sweep(() => snapshotter.#storage.ids());
    return snapshotter;
  }

  prepare(key: string, parent: string, options: CreateOptions = {}): Promise<Mount[]> {
    return this.#create({ kind: 'active', key, parent, labels: options.labels ?? {} });
  }

  view(key: string, parent: string, options: CreateOptions = {}): Promise<Mount[]> {
    return this.#create({ kind: 'view', key, parent, labels: options.labels ?? {} });
  }

  async mounts(key: string): Promise<Mount[]> {
    const record = await this.#storage.get(key);
    if (record.kind === 'committed') {
      throw failedPrecondition(`failed to get active mount: requested snapshot ${key} not active or view`);
    }
    return this.#mountsOf(record);
  }

  async commit(name: string, key: string, options: CommitOptions = {}): Promise<void> {
    try {
      const { id } = await this.#storage.active(key);
      // Whoever has filled it may have synced nothing, and a power cut would leave empty files in a layer that nobody checks.
      await this.#sys.syncFileSystem(this.#directories.upper(id));
      await failpoint('snapshot.commit.durable');
      const usage = await this.#sys.diskUsage(this.#directories.upper(id));
      await this.#remember(await this.#storage.commit(name, key, usage, options));
    } catch (error) {
      throw wrap(error, 'failed to commit snapshot');
    }
  }

  async remove(key: string): Promise<void> {
    const record = await this.#storage.remove(key).catch((error) => {
      throw wrap(error, `failed to remove snapshot ${key}`);
    });
    await failpoint('snapshot.remove.stored');
    await this.#directories.discard(record.id);
  }

  async stat(key: string): Promise<SnapshotInfo> {
    return this.#info(await this.#storage.get(key));
  }

  async update(change: SnapshotChange, fieldPaths: readonly string[] = []): Promise<SnapshotInfo> {
    return this.#info(await this.#storage.update(change, fieldPaths));
  }

  async *walk(filters: readonly string[] = []): AsyncIterable<SnapshotInfo> {
    for await (const record of this.#storage.walk(filters)) yield this.#info(record);
  }

  async usage(key: string, options: { signal?: AbortSignal | undefined } = {}): Promise<SnapshotUsage> {
    const record = await this.#storage.get(key);
    if (record.usage !== null) return record.usage;
    if (record.kind === 'view') return { sizeBytes: 0, inodes: 0 };
    return this.#sys.diskUsage(this.#directories.upper(record.id), options);
  }

  async cleanup(): Promise<void> {
    await this.#directories.sweep(() => this.#storage.ids());
    await this.#directories.drain();
  }

  async close(): Promise<void> {
    await this.#directories.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #create(snapshot: NewSnapshot): Promise<Mount[]> {
    try {
      // Known failures are found before anything is made on disk; the storage checks again when it stores the record.
      const below = await this.#storage.parent(snapshot.parent);
      await this.#storage.refuseExisting(snapshot.key);
      const id = await this.#storage.nextId();
      const record = await this.#directories.create(id, snapshot.kind === 'active', below?.id, () =>
        this.#storage.create(id, snapshot),
      );
      await this.#remember(record);
      return this.#mountsOf(record);
    } catch (error) {
      throw wrap(error, 'failed to create snapshot');
    }
  }

  /** Keeps the record beside the layer's files, too; without it only the recovery of a lost database is poorer. */
  async #remember(record: SnapshotRecord): Promise<void> {
    try {
      await writeLayerRecord(this.#directories.directory(record.id), record);
    } catch (error) {
      this.#logger.warn({ snapshot: record.name, error: messageOf(error) }, 'cannot keep a record beside the layer');
    }
  }

  #mountsOf(record: SnapshotRecord): Mount[] {
    return overlayMounts(record, this.#directories, this.#mountOptions);
  }

  #info(record: SnapshotRecord): SnapshotInfo {
    const info = infoOf(record);
    if (!this.#labelled) return info;
    return { ...info, labels: { ...info.labels, [upperDirectoryLabel]: this.#directories.upper(record.id) } };
  }
}
