import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { Collector } from '../../daemon/gc/collector.ts';
import { Database } from '../../daemon/metadata/database.ts';
import { type Change, LevelEngine } from '../../daemon/metadata/engine.ts';
import { blobTable, imageTable, namespaceTable } from '../../daemon/metadata/schema.ts';
import { nothingMounted } from '../helpers/gc-world.ts';
import { all, MetadataFixture } from '../helpers/metadata-fixture.ts';

/** A database whose log holds a write that was reported as failed: it is seen when the log is read again. */
class LyingEngine extends LevelEngine {
  failsNext = false;
  #logged: Change[] = [];
  readonly #shown = Promise.withResolvers<void>();

  /** Resolves when the failed write can be seen. */
  get shown(): Promise<void> {
    return this.#shown.promise;
  }

  override async write(changes: Iterable<Change>, options: { readonly sync: boolean }): Promise<void> {
    if (!this.failsNext) return super.write(changes, options);
    this.failsNext = false;
    this.#logged = [...changes];
    throw new Error('input/output error');
  }

  override async reopen(): Promise<void> {
    await super.reopen();
    const logged = this.#logged;
    this.#logged = [];
    if (logged.length === 0) return;
    await super.write(logged, { sync: true });
    this.#shown.resolve();
    // Long enough for a collection to read what is about to be taken back.
    for (let turn = 0; turn < 200; turn += 1) await setImmediate();
  }
}

/** A content store that has nothing: here only records count. */
const nothingOnDisk = {
  digests: () => noDigests(),
  deleteUnused: async () => 0,
  removeStaleIngests: async () => 0,
  isOpen: () => false,
  takeLeftovers: () => false,
};

async function* noDigests(): AsyncGenerator<string> {}

// A deletion that is reported as failed is taken back later; until then the database shows what never happened.
test.each(Array.from({ length: 20 }, (_, index) => index + 1))(
  'a deletion that fails at pause %d of a collection costs the image nothing',
  async (pause) => {
    await using fixture = await MetadataFixture.open();
    const engine = new LyingEngine(join(fixture.directory, 'lying'));
    await using database = await Database.open(engine);
    const { clock, events, now } = fixture;
    const target = { mediaType: 'm', digest: 'kept', size: 1, annotations: {} };
    const info = { size: 1, createdAt: now, updatedAt: now, labels: {} };
    await database.update((tx) => {
      tx.put(imageTable, ['ns', 'i'], { name: 'i', labels: {}, target, createdAt: now, updatedAt: now });
      tx.put(blobTable, ['ns', 'kept'], { ...info, digest: 'kept' });
      for (const digest of ['a', 'b', 'c']) tx.put(blobTable, ['ns', digest], { ...info, digest });
    });
    let count = 0;
    let next: Promise<void> | undefined;
    const fail = async () => {
      count += 1;
      if (count !== pause) return;
      engine.failsNext = true;
      const deleted = database.update((tx) => tx.delete(imageTable, ['ns', 'i']));
      await expect(deleted).rejects.toThrow('input/output error');
      next = database.update((tx) => tx.put(namespaceTable, ['ns'], { labels: {} }));
      await engine.shown;
    };
    const stores = { store: nothingOnDisk, snapshotters: new Map(), mounts: nothingMounted };
    const deps = { database, clock, events, ...stores, logger: silentLogger };
    const collector = new Collector(deps, { pause: fail, sliceSize: 1 });
    const { signal } = new AbortController();
    await collector.collect(signal).catch(() => undefined);
    await next;
    await collector.collect(signal);
    expect(await all(database.list(imageTable, []))).toHaveLength(1);
    expect((await all(database.list(blobTable, []))).map(({ value }) => value.digest)).toEqual(['kept']);
  },
);
