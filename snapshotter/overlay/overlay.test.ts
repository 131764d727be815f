import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { sys } from '../../native/sys.ts';
import { MemoryKeyValue } from '../key-value.ts';
import { openOverlay } from './overlay.ts';

const labels = {
  'containerd.io/snapshot/uidmapping': '0:100000:10',
  'containerd.io/snapshot/gidmapping': '0:200000:10',
};

async function fixture() {
  const root = await mkdtemp(join(tmpdir(), 'go-'));
  const deps = { sys, records: new MemoryKeyValue(), clock: systemClock, logger: silentLogger };
  return { root, deps, [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
}

/** A kernel that refuses to map ids. */
const unmapping = { ...sys, mount: () => Promise.reject(new Error('mount_setattr: EINVAL')) };

test('a snapshot for a user namespace belongs to its root and is mounted with its map', async () => {
  await using at = await fixture();
  await using snapshotter = await openOverlay(at.deps, { root: at.root });
  expect(snapshotter.capabilities).toEqual(['remap-ids', 'only-remap-ids', 'rebase']);
  const [mount] = await snapshotter.prepare('key', '', { labels });
  expect(mount?.options.slice(0, 2)).toEqual(['uidmap=0:100000:10', 'gidmap=0:200000:10']);
  expect(await stat(mount?.source ?? '')).toMatchObject({ uid: 100000, gid: 200000 });
  expect(await snapshotter.mounts('key')).toEqual([mount]);
  // What was tried to find out is gone.
  expect(await readdir(at.root)).toEqual(['snapshots']);
});

test('where the kernel cannot map ids such a snapshot is refused, and leaves nothing', async () => {
  await using at = await fixture();
  await using snapshotter = await openOverlay({ ...at.deps, sys: unmapping }, { root: at.root });
  expect(snapshotter.capabilities).toEqual(['only-remap-ids', 'rebase']);
  await expect(snapshotter.prepare('key', '', { labels })).rejects.toMatchObject({
    kind: 'failed-precondition',
    message: expect.stringContaining('slow_chown'),
  });
  await snapshotter.cleanup();
  expect(await readdir(join(at.root, 'snapshots'))).toEqual([]);
});

test('with slowChown it is left to the client to change owners', async () => {
  await using at = await fixture();
  await using snapshotter = await openOverlay({ ...at.deps, sys: unmapping }, { root: at.root, slowChown: true });
  expect(snapshotter.capabilities).toEqual(['rebase']);
  const [mount] = await snapshotter.prepare('key', '', { labels });
  expect(mount?.options).toEqual(['rw', 'rbind']);
  expect(await stat(mount?.source ?? '')).toMatchObject({ uid: 100000, gid: 200000 });
});
