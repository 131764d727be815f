import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { ContentStore } from '../../daemon/content/store.ts';
import { Doctor } from '../../daemon/doctor/doctor.ts';
import { evidenceOf } from '../../daemon/doctor/evidence.ts';
import { openDatabase } from '../../daemon/doctor/open-database.ts';
import type { World, WorldPaths } from '../../daemon/doctor/world.ts';
import { ingestTable, leaseResourceTable, snapshotTable } from '../../daemon/metadata/schema.ts';
import { NamespacedSnapshotter } from '../../daemon/metadata/snapshots.ts';
import { snapshotterRecords } from '../../daemon/metadata/snapshotter-records.ts';
import { Bundles } from '../../daemon/runtime/bundle.ts';
import { sys } from '../../native/sys.ts';
import { openOverlay } from '../../snapshotter/overlay/overlay.ts';
import { all, MetadataFixture } from '../helpers/metadata-fixture.ts';

const name = 'overlayfs';
const signal = new AbortController().signal;

/** The real stores of a daemon without tasks, and a doctor that does not wait between its looks. */
async function open() {
  const md = await MetadataFixture.open();
  const root = join(md.directory, 'root');
  const state = join(md.directory, 'state');
  await mkdir(state);
  const paths: WorldPaths = {
    root,
    state,
    layers: { [name]: join(root, 'overlay/snapshots') },
    content: join(root, 'content'),
    sockets: join(state, 's'),
    runc: join(state, 'runc'),
    damaged: join(root, 'damaged'),
    address: join(state, 'd.sock'),
  };
  const { database, clock, events } = md;
  const store = await ContentStore.open(paths.content, { sys, clock });
  const records = snapshotterRecords(database, name);
  const layers = { sys, clock, logger: silentLogger, records };
  const snapshotter = await openOverlay(layers, { root: join(root, 'overlay') });
  const common = { database, events, clock, logger: silentLogger };
  const snapshots = new NamespacedSnapshotter({ ...common, snapshotter }, { name });
  const bundles = new Bundles({ sys, log: silentLogger }, { root, state });
  const world: World = {
    ...{ database, content: store, blobs: store, bundles, sys, log: silentLogger, paths },
    layerStores: [{ snapshots, snapshotter, records, layers: paths.layers[name] ?? '' }],
    tasks: {
      owns: () => false,
      all: () => [],
      exclusively: async (_namespace, _id, body) => body().then(() => true),
      recoverBundle: async () => undefined,
    },
    isTemporaryMount: () => false,
  };
  const doctor = new Doctor(world, { graceMs: 1 });
  const check = async (repair = false) => {
    const findings = await doctor.check({ repair, verify: false }, signal);
    return findings.map(({ kind, repaired, failure }) => (repair ? { kind, repaired, failure } : kind));
  };
  return {
    ...{ md, paths, database, store, snapshotter, snapshots, bundles, check, ctx: md.context('ns') },
    async [Symbol.asyncDispose]() {
      await snapshotter.close();
      await md[Symbol.asyncDispose]();
    },
  };
}

const repaired = (kind: string) => ({ kind, repaired: true, failure: '' });

test('a snapshot that no namespace has is found and removed, but not one that is being made', async () => {
  await using at = await open();
  await at.snapshots.prepare(at.ctx, 'kept', '');
  await at.snapshotter.prepare('ns/99/forgotten', '');
  expect(await at.check()).toEqual(['snapshot-unreferenced']);
  expect(await at.check(true)).toEqual([repaired('snapshot-unreferenced')]);
  expect(await at.check()).toEqual([]);
  expect((await all(at.snapshots.walk(at.ctx))).map((info) => info.name)).toEqual(['kept']);
});

test('a snapshot that the snapshotter has lost is found and forgotten', async () => {
  await using at = await open();
  await at.snapshots.prepare(at.ctx, 'lost', '');
  const record = await at.database.get(snapshotTable, ['ns', name, 'lost']);
  await at.snapshotter.remove(record?.backendKey ?? '');
  expect(await at.check()).toEqual(['snapshot-record-without-snapshot']);
  expect(await at.check(true)).toEqual([repaired('snapshot-record-without-snapshot')]);
  expect(await at.check()).toEqual([]);
});

test('an ingest of which only the record is left is found and forgotten; a claim of a shared blob is none', async () => {
  await using at = await open();
  await at.database.update((tx) => {
    tx.put(ingestTable, ['ns', 'gone'], { backendRef: 'ns/1/gone' });
    tx.put(ingestTable, ['ns', 'claim'], { backendRef: 'ns/2/claim', sharedDigest: `sha256:${'0'.repeat(64)}` });
  });
  expect(await at.check()).toEqual(['ingest-record-without-data']);
  expect(await at.check(true)).toEqual([repaired('ingest-record-without-data')]);
  expect((await all(at.database.list(ingestTable, []))).map(({ key }) => key[1])).toEqual(['claim']);
});

test('what cannot be repaired stays a finding and says why', async () => {
  await using at = await open();
  await at.snapshots.prepare(at.ctx, 'key', '');
  await at.snapshots.commit(at.ctx, 'parent', 'key');
  await at.snapshots.prepare(at.ctx, 'child', 'parent');
  const record = await at.database.get(snapshotTable, ['ns', name, 'parent']);
  const stat = await at.snapshotter.stat(record?.backendKey ?? '');
  await sys.removeTree(join(at.paths.layers[name] ?? '', '1'));
  expect(stat.kind).toBe('committed');
  expect(await at.check(true)).toEqual([
    { kind: 'snapshot-record-without-directory', repaired: false, failure: expect.stringContaining('child') },
  ]);
});

test('a stack of snapshots, ingests and blobs are put back as they were, under a lease', async () => {
  await using at = await open();
  await at.snapshots.prepare(at.ctx, 'key', '', { labels: { own: 'label' } });
  await at.snapshots.commit(at.ctx, 'base', 'key');
  await at.snapshots.prepare(at.ctx, 'top', 'base');
  await at.snapshots.view(at.md.context('other'), 'empty', '');
  const writer = await at.store.writer({ ref: 'ns/7/part/ref' });
  await writer.write(Buffer.from('half'));
  await writer.close();
  await using blob = await at.store.writer({ ref: 'x' });
  await blob.write(Buffer.from('whole'));
  await blob.commit();
  const before = await all(at.snapshots.walk(at.ctx));

  const evidence = evidenceOf({ bundles: at.bundles, store: at.store }, at.paths);
  const options = { directory: join(at.md.directory, 'db2'), paths: at.paths };
  const deps = { evidence, clock: at.md.clock, log: silentLogger };
  const { database, wasDamaged } = await openDatabase(deps, options);
  await using _ = database;
  expect(wasDamaged).toBe(true);

  const records = snapshotterRecords(database, name);
  const layers = { sys, clock: at.md.clock, logger: silentLogger, records };
  const snapshotter = await openOverlay(layers, { root: join(at.paths.root, 'overlay') });
  const common = { database, events: at.md.events, clock: at.md.clock, logger: silentLogger };
  const snapshots = new NamespacedSnapshotter({ ...common, snapshotter }, { name });
  await snapshots.recover();
  const withoutLabels = before.map((info) => ({ ...info, labels: {} }));
  expect(await all(snapshots.walk(at.ctx))).toEqual(withoutLabels);
  await expect(snapshots.remove(at.ctx, 'base')).rejects.toMatchObject({ kind: 'failed-precondition' });
  expect(await database.get(ingestTable, ['ns', 'part/ref'])).toMatchObject({ backendRef: 'ns/7/part/ref' });
  const held = await all(database.list(leaseResourceTable, ['ns', 'gantry-recovered']));
  expect(held.map(({ key }) => key.slice(2).join(' ')).sort()).toEqual([
    expect.stringMatching(/^content sha256:/),
    `snapshots/${name} base`,
    `snapshots/${name} top`,
  ]);
  // A new snapshot does not get a number, or a directory, that is in use.
  await snapshots.prepare(at.ctx, 'next', 'base');
  expect(await all(snapshots.walk(at.ctx))).toHaveLength(3);
});
