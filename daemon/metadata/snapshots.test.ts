import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { alreadyExists, GantryError } from '../../base/errors.ts';
import { enableFailpoints } from '../../base/failpoint.ts';
import { silentLogger } from '../../base/logger.ts';
import { sys } from '../../native/sys.ts';
import { MemoryKeyValue } from '../../snapshotter/key-value.ts';
import { openOverlay } from '../../snapshotter/overlay/overlay.ts';
import type { SnapshotInfo, Snapshotter } from '../../snapshotter/snapshotter.ts';
import type { Context } from '../context.ts';
import { Database } from './database.ts';
import { leaseResourceTable, leaseTable } from './schema.ts';
import { NamespacedSnapshotter } from './snapshots.ts';

const ref = 'containerd.io/snapshot.ref';

function inNamespace(namespace: string, leaseId?: string): Context {
  return { namespace, leaseId, signal: new AbortController().signal };
}

const ctx = inNamespace('one');

/** A namespaced snapshotter over a real one; `adapt` may put something between the two. */
async function fixture(adapt: (backend: Snapshotter) => Snapshotter = (backend) => backend) {
  const directory = await mkdtemp(join(tmpdir(), 'gm-'));
  const database = await Database.open(join(directory, 'db'));
  const deps = { sys, records: new MemoryKeyValue(), clock: systemClock, logger: silentLogger };
  const backend = await openOverlay(deps, { root: join(directory, 'overlay') });
  const published: unknown[] = [];
  const events = { publish: (...event: unknown[]) => published.push(event) };
  const snapshotter = adapt(backend);
  const common = { database, events, clock: systemClock, logger: silentLogger };
  const snapshots = new NamespacedSnapshotter({ ...common, snapshotter }, { name: 'overlayfs' });
  onTestFinished(async () => {
    await snapshots.close();
    await database.close();
    await rm(directory, { recursive: true });
  });
  return { snapshots, backend, database, published };
}

type Fixture = Awaited<ReturnType<typeof fixture>>;

async function committed({ snapshots }: Fixture, name: string, parent = ''): Promise<void> {
  await snapshots.prepare(ctx, `${name}-key`, parent);
  await snapshots.commit(ctx, name, `${name}-key`);
}

async function all<T = SnapshotInfo>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function leased({ database }: Fixture, lease: string): Promise<string[]> {
  const entries = await all(database.list(leaseResourceTable, ['one', lease, 'snapshots/overlayfs']));
  return entries.map(({ key }) => key.at(-1) ?? '');
}

async function createLease({ database }: Fixture, id: string): Promise<void> {
  await database.update((tx) => tx.put(leaseTable, ['one', id], { id, createdAt: null, labels: {} }));
}

test('namespaces use the same key without noticing each other', async () => {
  const { snapshots, backend } = await fixture();
  const other = inNamespace('two');
  await snapshots.prepare(ctx, 'key', '');
  await snapshots.view(other, 'key', '');
  expect((await snapshots.stat(ctx, 'key')).kind).toBe('active');
  expect((await snapshots.stat(other, 'key')).kind).toBe('view');
  expect((await all(backend.walk())).map(({ name }) => name)).toEqual(['one/1/key', 'two/1/key']);
  await snapshots.remove(ctx, 'key');
  expect((await all(snapshots.walk(other))).map(({ name }) => name)).toEqual(['key']);
  await snapshots.prepare(ctx, 'key', '');
  expect((await all(backend.walk())).map(({ name }) => name)).toEqual(['one/2/key', 'two/1/key']);
});

test('only labels meant for the snapshotter reach it', async () => {
  const { snapshots, backend } = await fixture();
  const labels = { mine: 'x', [ref]: 'target', 'containerd.io/snapshot/diff-id': 'y', 'containerd.io/gc.root': 'z' };
  await snapshots.prepare(ctx, 'key', '', { labels });
  const inner = { [ref]: 'target', 'containerd.io/snapshot/diff-id': 'y' };
  expect((await backend.stat('one/1/key')).labels).toEqual(inner);
  expect((await snapshots.stat(ctx, 'key')).labels).toEqual(labels);
  await snapshots.update(ctx, { name: 'key', labels: { mine: 'new' } }, ['labels.mine']);
  expect((await backend.stat('one/1/key')).labels).toEqual(inner);
  expect((await snapshots.stat(ctx, 'key')).labels).toEqual({ ...labels, mine: 'new' });
});

test('prepare, commit and remove are announced, a view is not', async () => {
  const { snapshots, published } = await fixture();
  await snapshots.prepare(ctx, 'key', '');
  await snapshots.commit(ctx, 'name', 'key');
  await snapshots.view(ctx, 'look', 'name');
  await snapshots.remove(ctx, 'look');
  await expect(snapshots.remove(ctx, 'look')).rejects.toMatchObject({ kind: 'not-found' });
  const snapshotter = 'overlayfs';
  expect(published).toEqual([
    ['one', '/snapshot/prepare', 'containerd.events.SnapshotPrepare', { key: 'key', parent: '', snapshotter }],
    ['one', '/snapshot/commit', 'containerd.events.SnapshotCommit', { key: 'key', name: 'name', snapshotter }],
    ['one', '/snapshot/remove', 'containerd.events.SnapshotRemove', { key: 'look', snapshotter }],
  ]);
});

test('what is made under a lease belongs to it', async () => {
  const at = await fixture();
  await createLease(at, 'lease');
  const held = inNamespace('one', 'lease');
  await at.snapshots.prepare(held, 'key', '');
  expect(await leased(at, 'lease')).toEqual(['key']);
  await at.snapshots.commit(held, 'name', 'key');
  expect(await leased(at, 'lease')).toEqual(['name']);
  await at.snapshots.remove(held, 'name');
  expect(await leased(at, 'lease')).toEqual([]);
});

test('an unknown lease fails the call and leaves nothing', async () => {
  const { snapshots, backend } = await fixture();
  await expect(snapshots.prepare(inNamespace('one', 'absent'), 'key', '')).rejects.toThrow('lease does not exist');
  expect(await all(backend.walk())).toEqual([]);
  expect(await all(snapshots.walk(ctx))).toEqual([]);
});

test('a target that exists already is held by the lease and spares the work', async () => {
  const at = await fixture();
  await committed(at, 'target');
  await createLease(at, 'lease');
  const labels = { [ref]: 'target' };
  const attempt = at.snapshots.prepare(inNamespace('one', 'lease'), 'extract', '', { labels });
  await expect(attempt).rejects.toMatchObject({ kind: 'already-exists', message: 'target snapshot "target"' });
  expect(await leased(at, 'lease')).toEqual(['target']);
  await expect(at.snapshots.stat(ctx, 'extract')).rejects.toMatchObject({ kind: 'not-found' });
});

/** A snapshotter that has layers of its own and refuses to prepare what would become one of them. */
function withLayersOfItsOwn(backend: Snapshotter): Snapshotter {
  return Object.create(backend, {
    prepare: {
      value: async (key: string, parent: string, options: { labels?: Record<string, string> } = {}) => {
        const target = options.labels?.[ref];
        if (target === undefined) return backend.prepare(key, parent, options);
        await backend.prepare(`own-${key}`, parent, options);
        await backend.commit(`own/${target}`, `own-${key}`, { labels: { ...options.labels, of: 'own' } });
        throw alreadyExists(`target ${target}`);
      },
    },
    ...forwarded(backend),
  }) as Snapshotter;
}

/** Private members are not inherited, so every method has to be called on its owner. */
function forwarded(backend: Snapshotter): PropertyDescriptorMap {
  const names = [
    ...(['view', 'mounts', 'commit', 'remove', 'removeAll', 'stat', 'update', 'walk', 'usage'] as const),
    ...(['cleanup', 'close'] as const),
  ];
  return Object.fromEntries(names.map((name) => [name, { value: (backend[name] as () => unknown).bind(backend) }]));
}

test('a layer that the snapshotter has by itself is adopted under its name', async () => {
  const { snapshots } = await fixture(withLayersOfItsOwn);
  const attempt = snapshots.prepare(ctx, 'extract', '', { labels: { [ref]: 'sha256:x' } });
  await expect(attempt).rejects.toMatchObject({
    kind: 'already-exists',
    message: 'target snapshot "sha256:x" from snapshotter',
  });
  const info = await snapshots.stat(ctx, 'sha256:x');
  expect(info).toMatchObject({ kind: 'committed', parent: '', labels: { [ref]: 'sha256:x', of: 'own' } });
  expect(await snapshots.view(ctx, 'look', 'sha256:x')).toHaveLength(1);
});

/** The same, unable to remove many in one go. */
function oneByOne(backend: Snapshotter): Snapshotter {
  const prepare = { value: backend.prepare.bind(backend) };
  return Object.create(backend, { ...forwarded(backend), prepare, removeAll: {} });
}

test.each([
  ['at once', (backend: Snapshotter) => backend],
  ['one by one', (backend: Snapshotter) => oneByOne(backend)],
])('prune removes what has no metadata, and nothing else, %s', async (_, adapt) => {
  const at = await fixture(adapt);
  const { snapshots, backend } = at;
  await committed(at, 'kept');
  await backend.prepare('stray-1', '');
  await backend.commit('stray-2', 'stray-1');
  await backend.prepare('stray-3', 'stray-2');
  await backend.commit('stray-4', 'stray-3');
  await backend.view('stray-5', 'stray-4');
  const parent = (await all(backend.walk(['name~=kept']))).map(({ name }) => name)[0] ?? '';
  await backend.prepare('stray-6', parent);
  expect(await snapshots.prune()).toBe(4);
  expect((await all(backend.walk())).map(({ name }) => name)).toEqual([parent]);
  expect(await snapshots.prune()).toBe(0);
});

test('recovery drops metadata of snapshots that are gone, and frees their parents', async () => {
  const at = await fixture();
  const { snapshots, backend } = at;
  await committed(at, 'base');
  await snapshots.prepare(ctx, 'child', 'base');
  const child = (await all(backend.walk(['kind==active'])))[0]?.name ?? '';
  await backend.remove(child);
  await expect(snapshots.remove(ctx, 'base')).rejects.toMatchObject({ kind: 'failed-precondition' });
  await snapshots.recover();
  await snapshots.remove(ctx, 'base');
  expect(await all(snapshots.walk(ctx))).toEqual([]);
});

test('recovery finishes a commit that only the snapshotter has done, for the lease that it was for', async () => {
  const at = await fixture();
  const { snapshots, backend } = at;
  await createLease(at, 'keeper');
  await snapshots.prepare(ctx, 'key', '');
  enableFailpoints('snapshot.commit.stored=error(killed)');
  onTestFinished(() => enableFailpoints(undefined));
  const commit = snapshots.commit(inNamespace('one', 'keeper'), 'name', 'key', { labels: { kept: 'yes' } });
  await expect(commit).rejects.toThrow('killed');
  expect(await snapshots.prune()).toBe(0);
  await snapshots.recover();
  expect(await all(snapshots.walk(ctx))).toMatchObject([{ name: 'name', kind: 'committed', labels: { kept: 'yes' } }]);
  expect(await all(backend.walk())).toHaveLength(1);
  expect(await leased(at, 'keeper')).toEqual(['name']);
});

test('recovery takes back labels that only the snapshotter has been given', async () => {
  const at = await fixture();
  const own = 'containerd.io/snapshot/own';
  await at.snapshots.prepare(ctx, 'key', '', { labels: { [`${own}-kept`]: 'old', plain: 'old' } });
  const before = await at.snapshots.stat(ctx, 'key');
  enableFailpoints('snapshot.update.stored=error(killed)');
  onTestFinished(() => enableFailpoints(undefined));
  const labels = { [`${own}-kept`]: 'new', [`${own}-new`]: 'new', plain: 'new' };
  await expect(at.snapshots.update(ctx, { name: 'key', labels })).rejects.toThrow('killed');
  await at.snapshots.recover();
  expect(await at.snapshots.stat(ctx, 'key')).toEqual(before);
  const paths = Object.keys(labels).map((name) => `labels.${name}`);
  enableFailpoints(undefined);
  const after = await at.snapshots.update(ctx, { name: 'key', labels }, paths);
  expect(after.labels).toEqual(labels);
  await at.snapshots.recover();
  expect(await at.snapshots.stat(ctx, 'key')).toEqual(after);
});

test('a commit that the snapshotter refuses leaves the snapshot as it was, also after recovery', async () => {
  const at = await fixture((backend) =>
    Object.create(backend, {
      ...forwarded(backend),
      prepare: { value: backend.prepare.bind(backend) },
      commit: { value: () => Promise.reject(new GantryError('internal', 'no luck')) },
    }),
  );
  await at.snapshots.prepare(ctx, 'key', '');
  await expect(at.snapshots.commit(ctx, 'name', 'key')).rejects.toThrow('no luck');
  await at.snapshots.recover();
  expect(await all(at.snapshots.walk(ctx))).toMatchObject([{ name: 'key', kind: 'active' }]);
});

test('a snapshot being made is safe from prune, and others do not wait for it', async () => {
  const entered = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  const at = await fixture((backend) =>
    Object.create(backend, {
      prepare: {
        value: async (key: string, parent: string) => {
          const mounts = await backend.prepare(key, parent);
          if (!key.endsWith('/slow')) return mounts;
          entered.resolve();
          await leave.promise;
          return mounts;
        },
      },
      ...forwarded(backend),
    }),
  );
  const slow = at.snapshots.prepare(ctx, 'slow', '');
  await entered.promise;
  await at.snapshots.prepare(ctx, 'quick', '');
  expect(await at.snapshots.prune()).toBe(0);
  leave.resolve();
  await slow;
  expect((await all(at.snapshots.walk(ctx))).map(({ name }) => name)).toEqual(['quick', 'slow']);
});

test('a commit that the snapshotter refuses changes nothing and uses up no number', async () => {
  const at = await fixture();
  await at.snapshots.view(ctx, 'look', '');
  await expect(at.snapshots.commit(ctx, 'name', 'look')).rejects.toMatchObject({
    kind: 'failed-precondition',
    message: 'failed to commit snapshot: snapshot "one/1/look" is not active',
  });
  await at.snapshots.prepare(ctx, 'key', '');
  expect((await all(at.backend.walk())).map(({ name }) => name)).toEqual(['one/1/look', 'one/2/key']);
});

test('labels that are too large are refused before anything is made', async () => {
  const { snapshots, backend } = await fixture();
  const labels = { large: 'x'.repeat(5000) };
  await expect(snapshots.prepare(ctx, 'key', '', { labels })).rejects.toThrow(
    'info.Labels: label key and value length',
  );
  expect(await all(backend.walk())).toEqual([]);
});

test('an unexpected duplicate in the snapshotter is not blamed on the caller', async () => {
  const at = await fixture();
  await at.backend.prepare('one/1/key', '');
  const attempt = at.snapshots.prepare(ctx, 'key', '');
  await expect(attempt).rejects.toBeInstanceOf(GantryError);
  await expect(attempt).rejects.toMatchObject({ kind: 'unknown' });
});
