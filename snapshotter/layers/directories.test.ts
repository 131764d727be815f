import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { sys } from '../../native/sys.ts';
import { LayerDirectories } from './directories.ts';

async function fixture() {
  const root = await mkdtemp(join(tmpdir(), 'gd-'));
  return {
    root,
    directories: new LayerDirectories({ sys, logger: silentLogger }, root),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

const nothing = async () => new Set<number>();
const nothingMore = async () => undefined;

test('modes do not depend on the umask', async () => {
  await using at = await fixture();
  const umask = process.umask(0o077);
  try {
    await at.directories.create(1, [{ name: 'work', mode: 0o711 }], { fill: nothingMore, store: nothingMore });
  } finally {
    process.umask(umask);
  }
  const mode = async (...path: string[]) => (await stat(join(at.root, ...path))).mode & 0o7777;
  expect(await mode('1')).toBe(0o700);
  expect(await mode('1', 'fs')).toBe(0o755);
  expect(await mode('1', 'work')).toBe(0o711);
});

test('a layer whose record cannot be stored leaves nothing', async () => {
  await using at = await fixture();
  const failure = new Error('disk full');
  await expect(at.directories.create(1, [], { fill: nothingMore, store: () => Promise.reject(failure) })).rejects.toBe(
    failure,
  );
  await at.directories.drain();
  expect(await readdir(at.root)).toEqual([]);
});

test('a layer that cannot be filled leaves nothing, however soon that is known', async () => {
  await using at = await fixture();
  let made: Promise<void> | undefined;
  const slow = (wanted: Parameters<typeof sys.makeDirectories>[0]) => {
    made = sleep(50).then(() => sys.makeDirectories(wanted));
    return made;
  };
  const deps = { sys: { ...sys, makeDirectories: slow }, logger: silentLogger };
  const directories = new LayerDirectories(deps, at.root);
  const failure = new Error('no such parent');
  const creating = directories.create(1, [], { fill: () => Promise.reject(failure), store: nothingMore });
  await expect(creating).rejects.toBe(failure);
  await made;
  await directories.drain();
  expect(await readdir(at.root)).toEqual([]);
});

test('a sweep removes directories without a record and what a crash has half deleted', async () => {
  await using at = await fixture();
  for (const name of ['1', '2', 'new-123', '.removed-7-abcd'])
    await mkdir(join(at.root, name, 'fs'), { recursive: true });
  await writeFile(join(at.root, '2', 'fs', 'file'), 'kept');
  await at.directories.sweep(async () => new Set([2]));
  await at.directories.drain();
  expect(await readdir(at.root)).toEqual(['2']);
  expect(await readdir(join(at.root, '2', 'fs'))).toEqual(['file']);
});

test('a sweep spares the directory of a record that is just being stored', async () => {
  await using at = await fixture();
  await at.directories.create(1, [], { fill: nothingMore, store: () => at.directories.sweep(nothing) });
  await at.directories.drain();
  expect(await readdir(at.root)).toEqual(['1']);
});

test('discarding twice is discarding once', async () => {
  await using at = await fixture();
  await at.directories.create(1, [], { fill: nothingMore, store: nothingMore });
  await Promise.all([at.directories.discard([1]), at.directories.discard([1]), at.directories.sweep(nothing)]);
  await at.directories.drain();
  expect(await readdir(at.root)).toEqual([]);
});
