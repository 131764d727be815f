import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { all, MetadataFixture } from '../../test/helpers/metadata-fixture.ts';
import { joinLease, leaveLease } from '../metadata/lease-resources.ts';
import { LeasesService } from './leases.ts';

let fixture: MetadataFixture;
let service: LeasesService;
beforeEach(async () => {
  fixture = await MetadataFixture.open();
  service = new LeasesService(fixture);
});
afterEach(() => fixture[Symbol.asyncDispose]());

const digest = `sha256:${'a'.repeat(64)}`;
const notFound = { kind: 'not-found', message: 'lease "nope"' };

describe('leases', () => {
  test('are created with an id, or given one', async () => {
    const lease = await service.create(fixture.context(), 'l', { a: 'b', none: '' });
    expect(lease).toEqual({ id: 'l', createdAt: fixture.now, labels: { a: 'b' } });
    fixture.tick(5);
    const { id } = await service.create(fixture.context(), '', {});
    expect(id).toMatch(/^\d{1,9}-[A-Za-z0-9_-]{4}$/);
    expect((await all(service.list(fixture.context(), []))).map((found) => found.id).sort()).toEqual([id, 'l'].sort());
  });

  test('are refused a taken id and over-long labels', async () => {
    await service.create(fixture.context(), 'l', {});
    await expect(service.create(fixture.context(), 'l', {})).rejects.toMatchObject({
      kind: 'already-exists',
      message: 'lease "l"',
    });
    await service.create(fixture.context('other'), 'l', {});
    await expect(service.create(fixture.context(), 'm', { k: 'v'.repeat(5000) })).rejects.toMatchObject({
      kind: 'invalid-argument',
    });
  });

  test('are listed by id and labels', async () => {
    await service.create(fixture.context(), 'a', { 'x.y': '1' });
    await service.create(fixture.context(), 'b', {});
    const found = async (filter: string) =>
      (await all(service.list(fixture.context(), [filter]))).map((lease) => lease.id);
    expect(await found('id==a')).toEqual(['a']);
    expect(await found('labels.x.y==1')).toEqual(['a']);
    expect(await found('id')).toEqual(['a', 'b']);
  });

  test('go with all they hold', async () => {
    await service.create(fixture.context(), 'l', {});
    await service.addResource(fixture.context(), 'l', { type: 'images', id: 'i' });
    await service.delete(fixture.context(), 'l');
    await expect(service.delete(fixture.context(), 'nope')).rejects.toMatchObject(notFound);
    await service.create(fixture.context(), 'l', {});
    expect(await service.listResources(fixture.context(), 'l')).toEqual([]);
  });
});

describe('resources', () => {
  beforeEach(() => service.create(fixture.context(), 'l', {}));

  test('are added, listed by type and deleted', async () => {
    const resources = [
      { type: 'content', id: digest },
      { type: 'images', id: 'docker.io/library/x:1' },
      { type: 'ingests', id: 'ref' },
      { type: 'snapshots/overlayfs', id: 'key with / and spaces' },
    ];
    for (const resource of [...resources].reverse()) await service.addResource(fixture.context(), 'l', resource);
    expect(await service.listResources(fixture.context(), 'l')).toEqual(resources);
    const [first, ...others] = resources;
    await service.deleteResource(fixture.context(), 'l', first ?? null);
    await service.deleteResource(fixture.context(), 'l', first ?? null);
    expect(await service.listResources(fixture.context(), 'l')).toEqual(others);
  });

  test.each([
    ['unimplemented', 'containers', 'x', 'resource type containers not supported yet'],
    ['invalid-argument', 'content/x', digest, 'invalid resource type content/x'],
    ['invalid-argument', 'content', 'nope', 'invalid content resource id nope'],
    ['invalid-argument', 'snapshots', 'x', 'invalid snapshot resource type snapshots'],
    ['invalid-argument', 'snapshots/a/b', 'x', 'invalid snapshot resource type snapshots/a/b'],
  ])('%s for type %s', async (kind, type, id, message) => {
    const error = { kind, message: expect.stringContaining(message) };
    await expect(service.addResource(fixture.context(), 'l', { type, id })).rejects.toMatchObject(error);
    await expect(service.deleteResource(fixture.context(), 'l', { type, id })).rejects.toMatchObject(error);
  });

  test('need the lease', async () => {
    const resource = { type: 'images', id: 'x' };
    await expect(service.addResource(fixture.context(), 'nope', resource)).rejects.toMatchObject(notFound);
    await expect(service.deleteResource(fixture.context(), 'nope', resource)).rejects.toMatchObject(notFound);
    await expect(service.listResources(fixture.context(), 'nope')).rejects.toMatchObject(notFound);
    await expect(service.listResources(fixture.context('other'), 'l')).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('join the lease of a call within its transaction', async () => {
    const leased = fixture.context('default', 'l');
    await fixture.database.update((tx) => joinLease(tx, leased, 'ingests', 'r'));
    await fixture.database.update((tx) => joinLease(tx, fixture.context(), 'ingests', 'unleased'));
    expect(await service.listResources(fixture.context(), 'l')).toEqual([{ type: 'ingests', id: 'r' }]);
    await fixture.database.update((tx) => leaveLease(tx, fixture.context(), 'ingests', 'r'));
    expect((await service.listResources(fixture.context(), 'l')).length).toBe(1);
    await fixture.database.update((tx) => leaveLease(tx, leased, 'ingests', 'r'));
    expect(await service.listResources(fixture.context(), 'l')).toEqual([]);
  });
});

test('a lease that is deleted in step with the collection waits for one, others do not', async () => {
  const ctx = fixture.context();
  for (const id of ['a', 'b']) await service.create(ctx, id, {});
  await service.delete(ctx, 'a');
  expect(fixture.garbage.asked).toBe(0);
  await service.delete(ctx, 'b', { sync: true });
  expect(fixture.garbage.asked).toBe(1);
  await expect(service.delete(ctx, 'b', { sync: true })).rejects.toMatchObject({ kind: 'not-found' });
  expect(fixture.garbage.asked).toBe(1);
});
