import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { sys } from '../../native/sys.ts';
import { openCopy } from '../copy/copy.ts';
import { MemoryKeyValue } from '../key-value.ts';
import { openOverlay } from '../overlay/overlay.ts';

const label = 'containerd.io/snapshot/overlay.upperdir';

async function fixture() {
  const root = await mkdtemp(join(tmpdir(), 'gl-'));
  const deps = { sys, records: new MemoryKeyValue(), clock: systemClock, logger: silentLogger };
  return { root, deps, layers: join(root, 'snapshots'), [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
}

test('the directory of a snapshot that a power cut has taken is made again', async () => {
  await using at = await fixture();
  {
    await using snapshotter = await openOverlay(at.deps, { root: at.root });
    await snapshotter.prepare('base-key', '');
    await snapshotter.commit('base', 'base-key');
    await snapshotter.prepare('lost', 'base');
    await snapshotter.prepare('kept', 'base');
  }
  await writeFile(join(at.layers, '3', 'fs', 'file'), 'kept');
  await rm(join(at.layers, '2'), { recursive: true });
  await using again = await openOverlay(at.deps, { root: at.root });
  const [mount] = await again.mounts('lost');
  expect(mount?.options).toContain(`upperdir=${join(at.layers, '2', 'fs')}`);
  expect((await stat(join(at.layers, '2', 'work'))).mode & 0o7777).toBe(0o711);
  expect(await readFile(join(at.layers, '3', 'fs', 'file'), 'utf8')).toBe('kept');
});

test('a copy that a power cut has taken is made again', async () => {
  await using at = await fixture();
  {
    await using snapshotter = await openCopy(at.deps, { root: at.root });
    const [mount] = await snapshotter.prepare('base-key', '');
    await writeFile(join(mount?.source ?? '', 'file'), 'from below');
    await snapshotter.commit('base', 'base-key');
    await snapshotter.prepare('lost', 'base');
  }
  await rm(join(at.layers, '2'), { recursive: true });
  await using _ = await openCopy(at.deps, { root: at.root });
  expect(await readFile(join(at.layers, '2', 'fs', 'file'), 'utf8')).toBe('from below');
});

test('with syncRemove a removed snapshot has left the disk', async () => {
  await using at = await fixture();
  await using snapshotter = await openOverlay(at.deps, { root: at.root, syncRemove: true });
  await snapshotter.prepare('key', '');
  await mkdir(join(at.layers, '1', 'fs', 'directory'));
  await snapshotter.remove('key');
  expect(await readdir(at.layers)).toEqual([]);
});

test('with the label callers see where the files are, and cannot change that', async () => {
  await using at = await fixture();
  await using snapshotter = await openOverlay(at.deps, { root: at.root, upperDirectoryLabel: true });
  await snapshotter.prepare('key', '', { labels: { own: 'label' } });
  const labels = { own: 'label', [label]: join(at.layers, '1', 'fs') };
  expect((await snapshotter.stat('key')).labels).toEqual(labels);
  expect((await snapshotter.update({ name: 'key', labels: { [label]: '/' } })).labels[label]).toBe(labels[label]);
});
