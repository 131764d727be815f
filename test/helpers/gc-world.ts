import { join } from 'node:path';
import { sha256Of } from '../../base/digest.ts';
import { isKind } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import { NamespacedContent } from '../../daemon/content/namespaced-content.ts';
import { ContentStore } from '../../daemon/content/store.ts';
import type { Context } from '../../daemon/context.ts';
import { Collector, type CollectorOptions } from '../../daemon/gc/collector.ts';
import { containerTable, imageTable } from '../../daemon/metadata/schema.ts';
import { NamespacedSnapshotter } from '../../daemon/metadata/snapshots.ts';
import { snapshotterRecords } from '../../daemon/metadata/snapshotter-records.ts';
import { ContainersService } from '../../daemon/services/containers.ts';
import { ImagesService } from '../../daemon/services/images.ts';
import { LeasesService } from '../../daemon/services/leases.ts';
import { sys } from '../../native/sys.ts';
import type { LayerSnapshotter } from '../../snapshotter/layers/layer-snapshotter.ts';
import { openOverlay } from '../../snapshotter/overlay/overlay.ts';
import { all, MetadataFixture } from './metadata-fixture.ts';

export type Labels = Record<string, string>;

/** The one snapshotter of a world. */
export const snapshotterName = 'overlayfs';

/** A mounts service that nobody has used. */
export const nothingMounted = { hasLeftovers: false, unmountUnknown: async () => undefined };

/** Everything that garbage collection works on, as the daemon puts it together, in a temporary directory. */
export class GcWorld implements AsyncDisposable {
  readonly fixture: MetadataFixture;
  readonly store: ContentStore;
  readonly content: NamespacedContent;
  readonly backend: LayerSnapshotter;
  readonly snapshots: NamespacedSnapshotter;
  readonly images: ImagesService;
  readonly leases: LeasesService;
  readonly containers: ContainersService;
  readonly #options: CollectorOptions;
  #collector: Collector;

  private constructor(
    fixture: MetadataFixture,
    store: ContentStore,
    backend: LayerSnapshotter,
    options: CollectorOptions,
  ) {
    const shared = { database: fixture.database, events: fixture.events, clock: fixture.clock, logger: silentLogger };
    this.fixture = fixture;
    this.store = store;
    this.backend = backend;
    this.#options = options;
    this.content = new NamespacedContent({ ...shared, backend: store }, { sharingPolicy: 'shared' });
    this.snapshots = new NamespacedSnapshotter({ ...shared, snapshotter: backend }, { name: snapshotterName });
    const garbage = { collect: () => this.collect() };
    this.images = new ImagesService({ ...shared, garbage });
    this.leases = new LeasesService({ ...shared, garbage });
    this.containers = new ContainersService(shared);
    this.#collector = this.#newCollector();
  }

  /** @param parent where its directory is made; the machine's folder for temporary files unless given */
  static async open(options: CollectorOptions = {}, parent?: string): Promise<GcWorld> {
    const fixture = await MetadataFixture.open(parent);
    const store = await ContentStore.open(join(fixture.directory, 'content'), { sys, clock: fixture.clock });
    const records = snapshotterRecords(fixture.database, snapshotterName);
    const deps = { sys, records, clock: fixture.clock, logger: silentLogger };
    const backend = await openOverlay(deps, { root: join(fixture.directory, 'overlay') });
    return new GcWorld(fixture, store, backend, options);
  }

  /** Names of the images of a namespace. */
  async imageNames(namespace: string): Promise<string[]> {
    return (await all(this.fixture.database.list(imageTable, [namespace]))).map(({ value }) => value.name);
  }

  /** Ids of the containers of a namespace. */
  async containerIds(namespace: string): Promise<string[]> {
    return (await all(this.fixture.database.list(containerTable, [namespace]))).map(({ value }) => value.id);
  }

  context(namespace: string, leaseId?: string): Context {
    return this.fixture.context(namespace, leaseId);
  }

  /** Runs a collection to its end. */
  async collect(signal = new AbortController().signal): Promise<void> {
    await this.#collector.collect(signal);
  }

  /** Puts a collector in place that knows nothing of what was, like that of a daemon that has just started. */
  forget(): void {
    this.#collector = this.#newCollector();
  }

  /** Stores a blob, which may be there already; resolves with its digest. */
  async write(ctx: Context, text: string, labels: Labels = {}): Promise<string> {
    const digest = sha256Of(text);
    try {
      await using writer = await this.content.writer(ctx, { ref: `blob-${digest}`, expected: digest });
      if (writer.status().offset === 0) await writer.write(Buffer.from(text));
      await writer.commit({ expected: digest, labels });
    } catch (error) {
      if (!isKind(error, 'already-exists')) throw error;
    }
    return digest;
  }

  /** Sets labels of a blob beside those it has. */
  async label(ctx: Context, digest: string, labels: Labels): Promise<void> {
    const info = await this.content.info(ctx, digest);
    const paths = Object.keys(labels).map((name) => `labels.${name}`);
    await this.content.update(ctx, { ...info, labels }, paths);
  }

  /** Prepares and commits a layer, unless it is there; resolves with false if it was. */
  async unpack(ctx: Context, name: string, parent: string): Promise<boolean> {
    const key = `extract-${name}`;
    try {
      await this.snapshots.prepare(ctx, key, parent, { labels: { 'containerd.io/snapshot.ref': name } });
      await this.snapshots.commit(ctx, name, key);
      return true;
    } catch (error) {
      if (!isKind(error, 'already-exists')) throw error;
      return false;
    }
  }

  createImage(ctx: Context, name: string, digest: string, labels: Labels = {}) {
    const target = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 1, annotations: {} };
    return this.images.create(ctx, { name, labels, target, createdAt: null, updatedAt: null });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.backend.close();
    await this.fixture[Symbol.asyncDispose]();
  }

  #newCollector(): Collector {
    const { database, events, clock } = this.fixture;
    const snapshotters = new Map([[snapshotterName, this.snapshots]]);
    return new Collector(
      { database, events, clock, store: this.store, snapshotters, mounts: nothingMounted, logger: silentLogger },
      this.#options,
    );
  }
}
