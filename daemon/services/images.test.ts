import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Image } from '../../proto/gen/api/services/images/v1/images.ts';
import { all, MetadataFixture } from '../../test/helpers/metadata-fixture.ts';
import { imageTable } from '../metadata/schema.ts';
import { ImagesService } from './images.ts';
import { LeasesService } from './leases.ts';

let fixture: MetadataFixture;
let service: ImagesService;
let leases: LeasesService;
beforeEach(async () => {
  fixture = await MetadataFixture.open();
  service = new ImagesService(fixture);
  leases = new LeasesService(fixture);
});
afterEach(() => fixture[Symbol.asyncDispose]());

const digest = `sha256:${'a'.repeat(64)}`;
const otherDigest = `sha256:${'b'.repeat(64)}`;
const target = { mediaType: 'application/vnd.oci.image.index.v1+json', digest, size: 5, annotations: {} };

function image(name: string, change: Partial<Image> = {}): Image {
  return { name, labels: {}, target, createdAt: null, updatedAt: null, ...change };
}

const names = async (...filters: string[]) =>
  (await all(service.list(fixture.context(), filters))).map((bytes) => imageTable.decode(bytes).name);

describe('create', () => {
  test('stores the image with the time of the server', async () => {
    const given = image('docker.io/library/x:1', {
      labels: { a: 'b', empty: '' },
      target: { ...target, annotations: { k: 'v', none: '' } },
      createdAt: { seconds: 1, nanos: 0 },
    });
    const created = await service.create(fixture.context(), given);
    expect(created).toEqual({
      name: given.name,
      labels: { a: 'b' },
      target: { ...target, annotations: { k: 'v' } },
      createdAt: fixture.now,
      updatedAt: fixture.now,
    });
    expect(await service.get(fixture.context(), given.name)).toEqual(created);
    expect(fixture.published).toEqual([
      {
        namespace: 'default',
        topic: '/images/create',
        type: 'containerd.services.images.v1.ImageCreate',
        event: { name: given.name, labels: { a: 'b' } },
      },
    ]);
  });

  test('takes a source date epoch for its times', async () => {
    const epoch = { seconds: 42, nanos: 7 };
    const created = await service.create(fixture.context(), image('x'), epoch);
    expect([created.createdAt, created.updatedAt]).toEqual([epoch, epoch]);
  });

  test('refuses a taken name', async () => {
    await service.create(fixture.context(), image('x'));
    await expect(service.create(fixture.context(), image('x'))).rejects.toMatchObject({
      kind: 'already-exists',
      message: 'image "x"',
    });
  });

  test.each<[string, Image | null]>([
    ['Image.Name required', null],
    ['Image.Name required', image('')],
    ['target.Digest "" invalid', image('x', { target: null })],
    ['target.Digest "sha256:zz" invalid', image('x', { target: { ...target, digest: 'sha256:zz' } })],
    ['target.Size must be greater than zero', image('x', { target: { ...target, size: 0 } })],
    ['target.MediaType must be set', image('x', { target: { ...target, mediaType: '' } })],
    ['image.Labels: label key and value length', image('x', { labels: { ['k'.repeat(4097)]: '' } })],
    ['contains a null byte', image('x\0y')],
  ])('refuses: %s', async (message, bad) => {
    await expect(service.create(fixture.context(), bad)).rejects.toMatchObject({
      kind: 'invalid-argument',
      message: expect.stringContaining(message),
    });
    expect(fixture.published).toEqual([]);
  });

  test('an image that expires joins the lease of the call, any other does not', async () => {
    await leases.create(fixture.context(), 'l', {});
    await service.create(fixture.context('default', 'l'), image('plain'));
    await service.create(
      fixture.context('default', 'l'),
      image('expiring', { labels: { 'containerd.io/gc.expire': 't' } }),
    );
    expect(await leases.listResources(fixture.context(), 'l')).toEqual([{ type: 'images', id: 'expiring' }]);
    const noSuchLease = service.create(
      fixture.context('default', 'nope'),
      image('y', { labels: { 'containerd.io/gc.expire': 't' } }),
    );
    await expect(noSuchLease).rejects.toMatchObject({ kind: 'not-found', message: 'lease does not exist' });
    await expect(service.get(fixture.context(), 'y')).rejects.toMatchObject({ message: 'image "y"' });
    await service.delete(fixture.context('default', 'l'), 'expiring');
    expect(await leases.listResources(fixture.context(), 'l')).toEqual([]);
  });
});

test('list filters by name, target, labels and annotations', async () => {
  await service.create(fixture.context(), image('b:1', { labels: { 'io.x': 'y' } }));
  await service.create(
    fixture.context(),
    image('a/b:2', { target: { ...target, digest: otherDigest, mediaType: 'm', annotations: { n: 'o' } } }),
  );
  expect(await names()).toEqual(['a/b:2', 'b:1']);
  expect(await names('name=="a/b:2"')).toEqual(['a/b:2']);
  expect(await names(`target.digest==${digest}`)).toEqual(['b:1']);
  expect(await names('target.mediatype==m')).toEqual(['a/b:2']);
  expect(await names('labels."io.x"==y')).toEqual(['b:1']);
  expect(await names('annotations.n==o')).toEqual(['a/b:2']);
  expect(await names('target')).toEqual([]);
});

describe('update', () => {
  const original = image('x', { labels: { a: '1', b: '2' }, target: { ...target, annotations: { k: 'v', l: 'w' } } });
  const change = image('x', {
    labels: { a: '9', c: '3' },
    target: { mediaType: 'new', digest: otherDigest, size: 9, annotations: { k: 'vv' } },
  });
  beforeEach(() => service.create(fixture.context(), original));

  test.each<[string[], Partial<Image>]>([
    [[], { labels: change.labels, target: change.target }],
    [['target'], { target: change.target }],
    [['labels'], { labels: change.labels }],
    [['labels.a', 'labels.b'], { labels: { a: '9' } }],
    [['annotations'], { target: { ...target, annotations: { k: 'vv' } } }],
    [['annotations.k'], { target: { ...target, annotations: { k: 'vv', l: 'w' } } }],
  ])('%j touches only that', async (paths, expected) => {
    const createdAt = fixture.now;
    const updatedAt = fixture.tick();
    const updated = await service.update(fixture.context(), change, paths);
    expect(updated).toEqual({ ...original, ...expected, createdAt, updatedAt });
    expect(await service.get(fixture.context(), 'x')).toEqual(updated);
    expect(fixture.published.at(-1)).toMatchObject({
      topic: '/images/update',
      event: { name: 'x', labels: updated.labels },
    });
  });

  test('takes a source date epoch for the time of the update only', async () => {
    const updated = await service.update(fixture.context(), change, ['labels'], { seconds: 1, nanos: 0 });
    expect([updated.createdAt, updated.updatedAt]).toEqual([fixture.now, { seconds: 1, nanos: 0 }]);
  });

  test('refuses unknown fields, missing images and bad results', async () => {
    const refused = (next: Image, paths: string[]) => expect(service.update(fixture.context(), next, paths)).rejects;
    await refused(change, ['name']).toMatchObject({
      kind: 'invalid-argument',
      message: 'cannot update "name" field on image "x"',
    });
    await refused(image('nope'), []).toMatchObject({ kind: 'not-found', message: 'image "nope"' });
    await refused(image(''), []).toMatchObject({ kind: 'invalid-argument' });
    await refused(image('x', { target: null }), ['target']).toMatchObject({ kind: 'invalid-argument' });
  });
});

test('delete checks the target if one is given', async () => {
  await service.create(fixture.context(), image('x'));
  await expect(
    service.delete(fixture.context(), 'x', { target: { ...target, digest: otherDigest } }),
  ).rejects.toMatchObject({
    kind: 'not-found',
    message: `image "x" has target ${digest}, not ${otherDigest}`,
  });
  await service.delete(fixture.context(), 'x', { target });
  await expect(service.delete(fixture.context(), 'x')).rejects.toMatchObject({
    kind: 'not-found',
    message: 'image "x"',
  });
  expect(fixture.published.at(-1)).toMatchObject({ topic: '/images/delete', event: { name: 'x' } });
});

test('an image that is deleted in step with the collection waits for one, after its event', async () => {
  await service.create(fixture.context(), image('x'));
  await service.create(fixture.context(), image('y'));
  await service.delete(fixture.context(), 'x');
  expect(fixture.garbage.asked).toBe(0);
  await service.delete(fixture.context(), 'y', { sync: true });
  expect(fixture.garbage.asked).toBe(1);
  expect(fixture.published.at(-1)).toMatchObject({ topic: '/images/delete', event: { name: 'y' } });
});
