import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { failedPrecondition, wrap } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import type { Logger } from '../../base/logger.ts';
import type { KeyValue } from '../key-value.ts';
import { infoOf, type SnapshotRecord } from '../record.ts';
import type {
  CommitOptions,
  CreateOptions,
  Labels,
  Mount,
  SnapshotChange,
  SnapshotInfo,
  SnapshotKind,
  Snapshotter,
  SnapshotUsage,
} from '../snapshotter.ts';
import { type NewSnapshot, SnapshotStorage } from '../storage.ts';
import { type DirectoriesSys, LayerDirectories, type NewDirectory } from './directories.ts';
import { LayerRecords } from './layer-records.ts';

export interface LayerDeps {
  readonly sys: LayerSys;
  readonly records: KeyValue;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What every driver needs of the kernel. */
export interface LayerSys extends DirectoriesSys {
  /** Has the file system keep the directories in a directory apart from each other, if it can. */
  spreadDirectories(path: string): Promise<boolean>;
  /** Puts everything written to the file system that holds `path` on disk. */
  syncFileSystem(path: string): Promise<void>;
  /** Space and inodes below a directory, counted off the event loop; hard links once. */
  diskUsage(path: string, options?: { signal?: AbortSignal | undefined }): Promise<SnapshotUsage>;
}

/** A new layer. */
export type LayerToFill = Pick<SnapshotRecord, 'id' | 'kind' | 'labels'>;

/** What a driver does its own way. */
export interface LayerDriver {
  /** What callers may rely on, in containerd's words. */
  readonly capabilities: readonly string[];
  /** What a new layer's directory has besides `fs`. */
  directories(kind: SnapshotKind): readonly NewDirectory[];
  /** Puts into a new layer's directory what it starts with. Its directories are there when `made` resolves. */
  fill(snapshot: LayerToFill, parent: SnapshotRecord | undefined, made: Promise<void>): Promise<void>;
  mounts(record: SnapshotRecord): Mount[];
  /** Labels that callers see besides those that are stored. */
  labels(record: SnapshotRecord): Labels;
}

export interface LayerOptions {
  /** The snapshotter's own directory; made if missing. */
  readonly root: string;
  /** A removal waits until the files are deleted; else they are taken out of sight and deleted in the background. */
  readonly syncRemove?: boolean;
}

/** A snapshotter whose layers are directories on this machine; what they mean for each other is the driver's. */
export class LayerSnapshotter implements Snapshotter {
  readonly #storage: SnapshotStorage;
  readonly #directories: LayerDirectories;
  readonly #sys: LayerSys;
  readonly #logger: Logger;
  readonly #driver: LayerDriver;
  readonly #syncRemove: boolean;
  readonly #records: LayerRecords;

  private constructor(deps: LayerDeps, options: LayerOptions, driver: LayerDriver, directories: LayerDirectories) {
    this.#storage = new SnapshotStorage(deps);
    this.#directories = directories;
    this.#sys = deps.sys;
    this.#logger = deps.logger;
    this.#driver = driver;
    this.#syncRemove = options.syncRemove === true;
    this.#records = new LayerRecords((id) => directories.directory(id), deps.logger);
  }

  /** Makes the root if there is none, and starts to delete what an earlier process left behind. */
  static async open(
    deps: LayerDeps,
    options: LayerOptions,
    driverOf: (directories: LayerDirectories) => LayerDriver | Promise<LayerDriver>,
  ): Promise<LayerSnapshotter> {
    const layers = join(options.root, 'snapshots');
    for (const directory of [options.root, layers]) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await chmod(directory, 0o700);
    }
    // ext4 is slow to make files beside many that were deleted, as those of an image that was removed before a pull.
    await deps.sys.spreadDirectories(layers);
    const directories = new LayerDirectories(deps, layers);
    const snapshotter = new LayerSnapshotter(deps, options, await driverOf(directories), directories);
    await snapshotter.#restoreMissing();
    await directories.sweep(() => snapshotter.#storage.ids());
    return snapshotter;
  }

  /** What callers may rely on, in containerd's words: `rebase`, `remap-ids`, `only-remap-ids`. */
  get capabilities(): readonly string[] {
    return this.#driver.capabilities;
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
    return this.#driver.mounts(record);
  }

  async commit(name: string, key: string, options: CommitOptions = {}): Promise<void> {
    try {
      const { id, parent } = await this.#storage.active(key);
      if (parent === '' && options.parent && !this.capabilities.includes('rebase')) {
        throw failedPrecondition(
          `snapshot "${key}" cannot be given a parent: its files are not those of a layer alone`,
        );
      }
      // Whoever has filled it may have synced nothing, and a power cut would leave empty files in a layer that nobody checks.
      const [usage] = await Promise.all([
        this.#sys.diskUsage(this.#directories.files(id)),
        this.#sys.syncFileSystem(this.#directories.files(id)),
      ]);
      await failpoint('snapshot.commit.durable');
      this.#records.remember(await this.#storage.commit(name, key, usage, options));
    } catch (error) {
      throw wrap(error, 'failed to commit snapshot');
    }
  }

  async remove(key: string): Promise<void> {
    const record = await this.#storage.remove(key).catch((error) => {
      throw wrap(error, `failed to remove snapshot ${key}`);
    });
    await failpoint('snapshot.remove.stored');
    this.#records.forget(record.id);
    await this.#directories.discard([record.id]);
    if (this.#syncRemove) await this.#directories.drain();
  }

  async removeAll(keys: ReadonlySet<string>): Promise<number> {
    const removed = await this.#storage.removeAll(keys);
    await failpoint('snapshot.remove.stored');
    for (const { id } of removed) this.#records.forget(id);
    await this.#directories.discard(removed.map(({ id }) => id));
    return removed.length;
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
    return this.#sys.diskUsage(this.#directories.files(record.id), options);
  }

  async cleanup(): Promise<void> {
    await this.#directories.sweep(() => this.#storage.ids());
    await this.#directories.drain();
  }

  async close(): Promise<void> {
    await this.#records.close();
    await this.#directories.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #create(snapshot: NewSnapshot): Promise<Mount[]> {
    try {
      // Known failures are found before anything is made on disk; the storage checks again when it stores the record.
      const [below, id] = await Promise.all([
        this.#storage.parent(snapshot.parent),
        this.#storage.nextId(),
        this.#storage.refuseExisting(snapshot.key),
      ]);
      const record = await this.#directories.create(id, this.#driver.directories(snapshot.kind), {
        fill: (made) => this.#driver.fill({ ...snapshot, id }, below, made),
        store: () => this.#storage.create(id, snapshot),
      });
      this.#records.remember(record);
      return this.#driver.mounts(record);
    } catch (error) {
      throw wrap(error, 'failed to create snapshot');
    }
  }

  /** Makes what a power cut has taken of snapshots that nobody was promised more of than that they can be written to. */
  async #restoreMissing(): Promise<void> {
    const present = await this.#directories.present();
    for await (const record of this.#storage.walk([])) {
      const { id, kind, parent, name } = record;
      if (present.has(id) || kind === 'committed') continue;
      const below = await this.#storage.parent(parent);
      await this.#directories.create(id, this.#driver.directories(kind), {
        fill: (made) => this.#driver.fill(record, below, made),
        store: async () => undefined,
      });
      this.#logger.warn({ snapshot: name }, 'directory of a snapshot was missing and is made again, empty');
    }
  }

  #info(record: SnapshotRecord): SnapshotInfo {
    const info = infoOf(record);
    return { ...info, labels: { ...info.labels, ...this.#driver.labels(record) } };
  }
}
