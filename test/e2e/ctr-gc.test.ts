import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { busyboxImage, writeArchive } from '../../scripts/busybox-image.ts';
import { bothDaemons } from '../helpers/both.ts';
import { collectWhenAsked } from '../helpers/collection.ts';
import { eventually } from '../helpers/eventually.ts';
import type { Side } from '../helpers/side.ts';

const { scenario } = bothDaemons({ daemon: { config: collectWhenAsked } });

async function importAs({ ctr, daemon }: Side, name: string, ...flags: string[]): Promise<void> {
  const path = join(daemon.folder, 'gc.tar');
  await writeArchive(path, await busyboxImage({ name, layers: [[{ name: 'etc/name', content: name }]] }));
  await ctr.ok('images', 'import', ...flags, path);
}

const digests = async ({ ctr }: Side) => (await ctr.ok('content', 'ls', '-q')).split('\n').filter(Boolean).sort();

const snapshotKeys = async ({ ctr }: Side) =>
  (await ctr.ok('snapshots', 'ls'))
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.split(/\s+/)[0]);

/** Names of the blobs on disk. */
async function blobsOnDisk({ daemon }: Side): Promise<string[]> {
  return readdir(join(daemon.root, 'io.containerd.content.v1.content', 'blobs', 'sha256'));
}

/** Runs a collection and waits for it. */
async function collect({ ctr }: Side): Promise<void> {
  await ctr.ok('leases', 'create', '--id', 'collect');
  await ctr.ok('leases', 'rm', '--sync', 'collect');
}

/** Stores a blob as ctr does, then takes away the label that keeps it. */
async function looseBlob({ ctr }: Side, text: string): Promise<string> {
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const { code, stderr } = await ctr.try(['content', 'ingest', `loose-${digest}`], { input: text });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  await ctr.ok('content', 'label', digest, 'containerd.io/gc.root=');
  return digest;
}

scenario('images rm --sync takes the blobs and the snapshots with it', async (side) => {
  await importAs(side, 'docker.io/library/gone:1');
  expect((await digests(side)).length).toBeGreaterThan(2);
  expect((await snapshotKeys(side)).length).toBe(2);
  await side.ctr.ok('images', 'rm', '--sync', 'docker.io/library/gone:1');
  expect(await digests(side)).toEqual([]);
  expect(await snapshotKeys(side)).toEqual([]);
  expect(await blobsOnDisk(side)).toEqual([]);
});

scenario('images rm without --sync leaves it to the next collection', async (side) => {
  await importAs(side, 'docker.io/library/later:1');
  await collect(side);
  const before = await digests(side);
  await side.ctr.ok('images', 'rm', 'docker.io/library/later:1');
  expect(await digests(side)).toEqual(before);
  await collect(side);
  expect(await digests(side)).toEqual([]);
});

scenario('what two images share goes with the last of them', async (side) => {
  await importAs(side, 'docker.io/library/one:1');
  await side.ctr.ok('images', 'tag', 'docker.io/library/one:1', 'docker.io/library/two:1');
  await collect(side);
  const before = { digests: await digests(side), snapshots: await snapshotKeys(side) };
  await side.ctr.ok('images', 'rm', '--sync', 'docker.io/library/one:1');
  expect({ digests: await digests(side), snapshots: await snapshotKeys(side) }).toEqual(before);
  await side.ctr.ok('images', 'rm', '--sync', 'docker.io/library/two:1');
  expect(await digests(side)).toEqual([]);
});

scenario('a lease keeps a blob until it is deleted, with all that the blob refers to', async (side) => {
  const leases = side.client.service('containerd.services.leases.v1.Leases');
  const leaf = await looseBlob(side, 'leaf');
  const stem = await looseBlob(side, 'stem');
  await looseBlob(side, 'other');
  await side.ctr.ok('content', 'label', stem, `containerd.io/gc.ref.content.l.0=${leaf}`);
  await side.ctr.ok('leases', 'create', '--id', 'keeper');
  await leases.AddResource({ id: 'keeper', resource: { type: 'content', id: stem } });
  await collect(side);
  expect(await digests(side)).toEqual([leaf, stem].sort());
  await side.ctr.ok('leases', 'rm', '--sync', 'keeper');
  expect(await digests(side)).toEqual([]);
});

scenario('a flat lease keeps a blob alone', async (side) => {
  const leases = side.client.service('containerd.services.leases.v1.Leases');
  const leaf = await looseBlob(side, 'flat leaf');
  const stem = await looseBlob(side, 'flat stem');
  await side.ctr.ok('content', 'label', stem, `containerd.io/gc.ref.content.l.0=${leaf}`);
  await leases.Create({ id: 'flat', labels: { 'containerd.io/gc.flat': '2020' } });
  await leases.AddResource({ id: 'flat', resource: { type: 'content', id: stem } });
  await collect(side);
  expect(await digests(side)).toEqual([stem]);
  await side.ctr.ok('leases', 'rm', '--sync', 'flat');
});

scenario('an expired lease keeps nothing and goes', async (side) => {
  const leases = side.client.service('containerd.services.leases.v1.Leases');
  const digest = await looseBlob(side, 'expired');
  await leases.Create({ id: 'past', labels: { 'containerd.io/gc.expire': '2020-01-01T00:00:00Z' } });
  await leases.AddResource({ id: 'past', resource: { type: 'content', id: digest } });
  await collect(side);
  expect(await digests(side)).toEqual([]);
  expect(await side.ctr.ok('leases', 'ls', '-q')).toBe('');
});

scenario('a blob written under a lease is there until the lease goes', async (side) => {
  const leases = side.client.service('containerd.services.leases.v1.Leases');
  await leases.Create({ id: 'fetch' });
  const content = side.client.with({ leaseId: 'fetch' }).service('containerd.services.content.v1.Content');
  const data = Buffer.from('fetched');
  async function* requests() {
    yield { action: 'COMMIT' as const, ref: 'layer-x', total: data.length, offset: 0, data };
  }
  for await (const _ of content.Write(requests()));
  await collect(side);
  expect((await digests(side)).length).toBe(1);
  await side.ctr.ok('leases', 'rm', '--sync', 'fetch');
  expect(await digests(side)).toEqual([]);
  expect(await blobsOnDisk(side)).toEqual([]);
});

scenario('a container keeps its snapshots when the image goes', async (side) => {
  await importAs(side, 'docker.io/library/base:1');
  await side.ctr.ok('containers', 'create', 'docker.io/library/base:1', 'keeper');
  await side.ctr.ok('images', 'rm', '--sync', 'docker.io/library/base:1');
  expect((await snapshotKeys(side)).length).toBe(3);
  expect(await digests(side)).toEqual([]);
  await side.ctr.ok('containers', 'rm', 'keeper');
  await collect(side);
  expect(await snapshotKeys(side)).toEqual([]);
});

scenario('leases and what they hold survive a killed daemon and its first collection', async (side) => {
  const leases = side.client.service('containerd.services.leases.v1.Leases');
  const kept = await looseBlob(side, 'kept over a crash');
  await looseBlob(side, 'not kept');
  await leases.Create({ id: 'crash' });
  await leases.AddResource({ id: 'crash', resource: { type: 'content', id: kept } });
  await side.daemon.kill();
  await side.daemon.start();
  await eventually(() => side.ctr.ok('version'));
  await collect(side);
  expect(await digests(side)).toEqual([kept]);
  expect(await blobsOnDisk(side)).toEqual([kept.slice('sha256:'.length)]);
  await side.ctr.ok('leases', 'rm', '--sync', 'crash');
});
