import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { sys } from '../../native/sys.ts';
import type { Info } from '../../proto/gen/api/services/snapshots/v1/snapshots.ts';
import { MemoryKeyValue } from '../../snapshotter/key-value.ts';
import type { LayerSnapshotter } from '../../snapshotter/layers/layer-snapshotter.ts';
import { openOverlay } from '../../snapshotter/overlay/overlay.ts';
import type { Context } from '../context.ts';
import { Database } from '../metadata/database.ts';
import { NamespacedSnapshotter } from '../metadata/snapshots.ts';
import { SnapshotsService } from './snapshots.ts';

const ctx: Context = { namespace: 'testing', signal: new AbortController().signal };
const snapshotter = 'overlayfs';

async function newService(): Promise<{ service: SnapshotsService; backend: LayerSnapshotter }> {
  const directory = await mkdtemp(join(tmpdir(), 'gv-'));
  const database = await Database.open(join(directory, 'db'));
  const common = { clock: systemClock, logger: silentLogger };
  const records = new MemoryKeyValue();
  const backend = await openOverlay({ sys, records, ...common }, { root: join(directory, 'overlay') });
  const deps = { database, snapshotter: backend, events: { publish: () => undefined }, ...common };
  const snapshots = new NamespacedSnapshotter(deps, { name: snapshotter });
  onTestFinished(async () => {
    await backend.close();
    await database.close();
    await rm(directory, { recursive: true });
  });
  return { service: new SnapshotsService({ snapshotters: new Map([[snapshotter, snapshots]]) }), backend };
}

const prepared = (key: string, parent = '') => ({ snapshotter, key, parent, labels: {} });

test.for([
  ['', 'snapshotter argument missing'],
  ['zfs', 'snapshotter not loaded: zfs'],
])('the snapshotter %j is refused', async ([name = '', message]) => {
  const { service } = await newService();
  const refusal = expect.objectContaining({ kind: 'invalid-argument', message });
  expect(() => service.mounts(ctx, { snapshotter: name, key: 'key' })).toThrow(refusal);
  await expect(service.stat(ctx, { snapshotter: name, key: 'key' })).rejects.toEqual(refusal);
  const list = service.list(ctx, { snapshotter: name, filters: [] });
  await expect(list[Symbol.asyncIterator]().next()).rejects.toEqual(refusal);
});

test('a list comes in messages of a hundred', async () => {
  const { service } = await newService();
  for (let count = 0; count < 201; count += 1) await service.prepare(ctx, prepared(`key-${count}`));
  const batches: Info[][] = [];
  for await (const { info } of service.list(ctx, { snapshotter, filters: [] })) batches.push(info);
  expect(batches.map(({ length }) => length)).toEqual([100, 100, 1]);
  expect(new Set(batches.flat().map(({ name }) => name)).size).toBe(201);
});

test('a list of nothing has no message', async () => {
  const { service } = await newService();
  for await (const message of service.list(ctx, { snapshotter, filters: [] })) expect.unreachable(String(message));
});

test('a snapshot is told in the words of the wire', async () => {
  const { service } = await newService();
  await service.prepare(ctx, prepared('key'));
  await service.commit(ctx, { snapshotter, name: 'name', key: 'key', labels: { l: 'x' }, parent: '' });
  const info = await service.stat(ctx, { snapshotter, key: 'name' });
  expect(info).toMatchObject({ name: 'name', parent: '', kind: 'COMMITTED', labels: { l: 'x' } });
  expect(info.createdAt).toEqual(info.updatedAt);
  expect(Math.abs((info.createdAt?.seconds ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  expect((await service.usage(ctx, { snapshotter, key: 'name' })).inodes).toBe(1);
});

test('an update needs a name', async () => {
  const { service } = await newService();
  const refusal = { kind: 'invalid-argument' };
  await expect(service.update(ctx, { snapshotter, info: null, updateMask: null })).rejects.toMatchObject(refusal);
});

test('cleanup removes what has no metadata', async () => {
  const { service, backend } = await newService();
  await backend.prepare('stray', '');
  await service.cleanup(snapshotter);
  await expect(backend.stat('stray')).rejects.toMatchObject({ kind: 'not-found' });
});
