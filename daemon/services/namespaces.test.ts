import { afterEach, beforeEach, expect, test } from 'vitest';
import { all, MetadataFixture } from '../../test/helpers/metadata-fixture.ts';
import { blobTable, imageTable, ingestTable, leaseTable, snapshotTable } from '../metadata/schema.ts';
import { LeasesService } from './leases.ts';
import { NamespacesService } from './namespaces.ts';

let fixture: MetadataFixture;
let service: NamespacesService;
beforeEach(async () => {
  fixture = await MetadataFixture.open();
  service = new NamespacesService(fixture);
});
afterEach(() => fixture[Symbol.asyncDispose]());

test('create, get and list keep the labels', async () => {
  expect(await service.create({ name: 'b', labels: { k: 'v', none: '' } })).toEqual({ name: 'b', labels: { k: 'v' } });
  await service.create({ name: 'a', labels: {} });
  expect(await service.get('b')).toEqual({ name: 'b', labels: { k: 'v' } });
  expect(await service.list()).toEqual([
    { name: 'a', labels: {} },
    { name: 'b', labels: { k: 'v' } },
  ]);
  expect(fixture.published[0]).toEqual({
    namespace: 'b',
    topic: '/namespaces/create',
    type: 'containerd.events.NamespaceCreate',
    event: { name: 'b', labels: { k: 'v' } },
  });
});

test('an unknown one reads as empty', async () => {
  expect(await service.get('nope')).toEqual({ name: 'nope', labels: {} });
});

test('create refuses taken and impossible names and over-long labels', async () => {
  await service.create({ name: 'a', labels: {} });
  await expect(service.create({ name: 'a', labels: {} })).rejects.toMatchObject({
    kind: 'already-exists',
    message: 'namespace "a"',
  });
  for (const name of ['', 'a/b', '..', 'version', '-x', 'x'.repeat(77)]) {
    await expect(service.create({ name, labels: {} })).rejects.toMatchObject({ kind: 'invalid-argument' });
  }
  await expect(service.create({ name: 'b', labels: { k: 'v'.repeat(4096) } })).rejects.toMatchObject({
    kind: 'invalid-argument',
    message: expect.stringContaining('namespace.Labels: label key and value length'),
  });
  await expect(service.create(null)).rejects.toMatchObject({ kind: 'invalid-argument' });
});

test('update sets single labels through a mask and replaces all without one', async () => {
  await service.create({ name: 'a', labels: { x: '1', y: '2' } });
  const change = { name: 'a', labels: { x: '9', 'dots.in.key': 'z' } };
  expect(await service.update(change, ['labels.x', 'labels.y', 'labels.dots.in.key'])).toEqual({
    name: 'a',
    labels: { x: '9', 'dots.in.key': 'z' },
  });
  expect((await service.update({ name: 'a', labels: { only: 'this' } }, [])).labels).toEqual({ only: 'this' });
  await expect(service.update(change, ['labels'])).rejects.toMatchObject({
    kind: 'invalid-argument',
    message: 'cannot update "labels" field',
  });
  expect((await service.get('a')).labels).toEqual({ only: 'this' });
  expect(fixture.published.at(-1)).toMatchObject({ topic: '/namespaces/update', namespace: 'a' });
});

test('update creates a namespace that was not there', async () => {
  await service.update({ name: 'fresh', labels: { a: 'b' } }, ['labels.a']);
  expect(await service.list()).toEqual([{ name: 'fresh', labels: { a: 'b' } }]);
});

test('using a namespace creates it', async () => {
  await new LeasesService(fixture).create(fixture.context('used'), 'l', {});
  expect((await service.list()).map(({ name }) => name)).toEqual(['used']);
});

test('delete names all kinds of things that are left', async () => {
  await service.create({ name: 'a', labels: {} });
  const times = { createdAt: null, updatedAt: null };
  await fixture.database.update((tx) => {
    tx.put(imageTable, ['a', 'i'], { name: 'i', labels: {}, target: null, ...times });
    tx.put(blobTable, ['a', 'd'], { digest: 'd', size: 1, labels: {}, ...times });
    const now = fixture.now;
    for (const snapshotter of ['overlayfs', 'native']) {
      const record = { backendKey: 'k', parent: '', labels: {}, createdAt: now, updatedAt: now };
      tx.put(snapshotTable, ['a', snapshotter, 'k'], record);
    }
  });
  await expect(service.delete('a')).rejects.toMatchObject({
    kind: 'failed-precondition',
    message:
      'namespace "a" must be empty, but it still has images, blobs, snapshots on "native" snapshotter, snapshots on "overlayfs" snapshotter',
  });
});

test('delete takes leases and ingests along, and nothing of other namespaces', async () => {
  const leases = new LeasesService(fixture);
  for (const name of ['a', 'a-b']) {
    await leases.create(fixture.context(name), 'l', {});
    await leases.addResource(fixture.context(name), 'l', { type: 'ingests', id: 'r' });
    await fixture.database.update((tx) => tx.put(ingestTable, [name, 'r'], { backendRef: 'x' }));
  }
  await service.delete('a');
  expect((await service.list()).map(({ name }) => name)).toEqual(['a-b']);
  for (const table of [leaseTable, ingestTable]) {
    expect((await all(fixture.database.list<unknown>(table, []))).map(({ key }) => key[0])).toEqual(['a-b']);
  }
  expect(fixture.published.at(-1)).toMatchObject({ namespace: 'a', topic: '/namespaces/delete', event: { name: 'a' } });
  await expect(service.delete('a')).rejects.toMatchObject({ kind: 'not-found', message: 'namespace "a"' });
});
