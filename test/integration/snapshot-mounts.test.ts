import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sys } from '../../native/sys.ts';
import type { Mount } from '../../snapshotter/snapshotter.ts';
import { readOnlyMounts, TemporaryMounts } from '../../snapshotter/temporary-mounts.ts';

async function fixture() {
  const root = await mkdtemp(join(tmpdir(), 'gx-'));
  for (const name of ['lower', 'upper', 'work']) await mkdir(join(root, name));
  await writeFile(join(root, 'lower', 'f'), 'lower');
  const directory = join(root, 'mounts');
  const layers = [`workdir=${root}/work`, `upperdir=${root}/upper`, `lowerdir=${root}/lower`];
  const overlay: Mount = { type: 'overlay', source: 'overlay', target: '', options: ['volatile', ...layers] };
  return {
    root,
    directory,
    overlay,
    mounts: await TemporaryMounts.open({ sys }, { directory }),
    async [Symbol.asyncDispose]() {
      await sys.unmountRecursive(root);
      await rm(root, { recursive: true });
    },
  };
}

test('nobody else can enter, and nothing is left when the work has failed', async () => {
  await using at = await fixture();
  expect((await stat(at.directory)).mode & 0o777).toBe(0o700);
  const failure = new Error('stopped');
  const attempt = at.mounts.with([at.overlay], async (root) => {
    expect(await readFile(join(root, 'f'), 'utf8')).toBe('lower');
    throw failure;
  });
  await expect(attempt).rejects.toBe(failure);
  expect(await readdir(at.directory)).toEqual([]);
});

test('a volatile overlay can be mounted again and again', async () => {
  await using at = await fixture();
  for (const name of ['1', '2']) await at.mounts.with([at.overlay], (root) => writeFile(join(root, name), name));
  expect(await readdir(join(at.root, 'upper'))).toEqual(['1', '2']);
});

test('what an earlier process has left mounted is unmounted at the start, its files stay', async () => {
  await using at = await fixture();
  const left = join(at.directory, 'mount-left');
  await mkdir(left);
  await sys.mount({ ...at.overlay, target: left });
  await writeFile(join(left, 'written'), 'x');
  await TemporaryMounts.open({ sys }, { directory: at.directory });
  expect(await readdir(at.directory)).toEqual([]);
  expect(await readdir(join(at.root, 'upper'))).toEqual(['written']);
});

test('read-only mounts show the same and write nothing', async () => {
  await using at = await fixture();
  await writeFile(join(at.root, 'upper', 'g'), 'upper');
  const alone = { ...at.overlay, options: [`upperdir=${at.root}/upper`] };
  const bind: Mount = { type: 'bind', source: join(at.root, 'lower'), target: '', options: ['rbind', 'rw'] };
  const shown = async (mount: Mount) =>
    at.mounts.with(readOnlyMounts([mount]), async (root) => {
      await expect(writeFile(join(root, 'new'), '')).rejects.toMatchObject({ code: 'EROFS' });
      return readdir(root);
    });
  expect(await shown(at.overlay)).toEqual(['f', 'g']);
  expect(await shown(alone)).toEqual(['g']);
  expect(await shown(bind)).toEqual(['f']);
  expect(await readdir(join(at.root, 'work'))).toEqual([]);
});

test('no mounts are a mistake', async () => {
  await using at = await fixture();
  await expect(at.mounts.with([], async () => undefined)).rejects.toMatchObject({ kind: 'invalid-argument' });
});
