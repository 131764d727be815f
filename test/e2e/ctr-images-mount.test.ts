import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { collectWhenAsked } from '../helpers/collection.ts';
import { mountsBelow } from '../helpers/daemon.ts';
import { image, type Side } from '../helpers/side.ts';
import { storesOf } from '../helpers/stores.ts';

const { scenario } = bothDaemons({
  image: { layers: [[{ name: 'etc/motd', content: 'from the second layer\n' }]] },
  daemon: { config: collectWhenAsked },
});

function emptyFolder({ daemon }: Side, name: string): string {
  const path = join(daemon.folder, name);
  mkdirSync(path);
  return path;
}

scenario('images mount shows the files of an image, read-only', async (side) => {
  const { ctr, client, daemon } = side;
  const path = emptyFolder(side, 'ro');
  const before = await storesOf(client);
  const printed = await ctr.ok('images', 'mount', image, path);
  expect(printed.trim().split('\n').at(-1)).toBe(path);
  expect(readFileSync(join(path, 'etc/motd'), 'utf8')).toBe('from the second layer\n');
  expect(() => writeFileSync(join(path, 'new'), '')).toThrow('EROFS');
  const mounted = await storesOf(client);
  expect(mounted.snapshots.find(({ name }) => name === path)).toMatchObject({ kind: 'VIEW' });
  const unmounted = await ctr.ok('images', 'unmount', '--rm', path);
  expect(mountsBelow(daemon.folder)).toEqual([]);
  expect(await storesOf(client)).toEqual(before);
  return { printed, mounted, unmounted };
});

scenario('images mount --rw takes writes, which stay in the snapshot', async (side) => {
  const { ctr, client } = side;
  const path = emptyFolder(side, 'rw');
  const before = await storesOf(client);
  await ctr.ok('images', 'mount', '--rw', image, path);
  writeFileSync(join(path, 'etc/new'), 'written');
  await ctr.ok('images', 'unmount', path);
  expect(readdirSync(path)).toEqual([]);
  const kept = await storesOf(client);
  expect(kept.snapshots.find(({ name }) => name === path)).toMatchObject({ kind: 'ACTIVE' });
  // Its name is the path, and so is that of the lease which keeps it for a day.
  const usage = await ctr.ok('snapshots', 'usage', '-b', path);
  await ctr.ok('leases', 'rm', '--sync', path);
  expect(await storesOf(client)).toEqual(before);
  return { kept, usage };
});

scenario('images mount of what is not here fails, and mounts nothing', async (side) => {
  const path = emptyFolder(side, 'none');
  const absent = await side.ctr.fails('images', 'mount', 'docker.io/library/absent:1', path);
  expect(absent).toContain('not found');
  expect(mountsBelow(side.daemon.folder)).toEqual([]);
  const nothing = await side.ctr.try(['images', 'unmount', '--rm', path]);
  return { absent, nothing };
});

scenario('images check tells what is missing of an image', async ({ ctr, client }) => {
  expect(await ctr.ok('images', 'check', '-q')).toBe(`${image}\n`);
  const { blobs, images } = await storesOf(client);
  const layer = blobs.find(
    ({ digest, labels }) => digest !== images[0]?.digest && labels['containerd.io/uncompressed'],
  );
  await ctr.ok('content', 'rm', layer?.digest ?? '');
  const incomplete = await ctr.ok('images', 'check');
  expect(incomplete).toMatch(/incomplete \(2\/3\)/);
  expect(await ctr.ok('images', 'check', '-q')).toBe('');
  const [manifest] = images;
  await ctr.ok('content', 'rm', manifest?.digest ?? '');
  const without = await ctr.try(['images', 'check']);
  await ctr.ok('images', 'rm', '--sync', image);
  return { incomplete, without };
});
