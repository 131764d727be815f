import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Container } from '../../proto/gen/api/services/containers/v1/containers.ts';
import { all, MetadataFixture } from '../../test/helpers/metadata-fixture.ts';
import { containerTable } from '../metadata/schema.ts';
import { ContainersService } from './containers.ts';

let fixture: MetadataFixture;
let service: ContainersService;
beforeEach(async () => {
  fixture = await MetadataFixture.open();
  service = new ContainersService(fixture);
});
afterEach(() => fixture[Symbol.asyncDispose]());

const any = (text: string) => ({ typeUrl: 'types.containerd.io/x', value: Buffer.from(text) });

function container(id: string, change: Partial<Container> = {}): Container {
  return {
    id,
    labels: {},
    image: '',
    runtime: { name: 'io.containerd.runc.v2', options: null },
    spec: any('{}'),
    snapshotter: '',
    snapshotKey: '',
    createdAt: null,
    updatedAt: null,
    extensions: {},
    sandbox: '',
    ...change,
  };
}

const ids = async (...filters: string[]) =>
  (await all(service.list(fixture.context(), filters))).map((bytes) => containerTable.decode(bytes).id);

describe('create', () => {
  test('stores what was given, with times of its own and without empty labels', async () => {
    const given = container('c1', {
      labels: { a: 'b', empty: '' },
      image: 'img',
      snapshotter: 'overlayfs',
      snapshotKey: 'key',
      extensions: { ext: any('1') },
      sandbox: 'pod',
      createdAt: { seconds: 1, nanos: 0 },
    });
    const created = await service.create(fixture.context(), given);
    expect(created).toEqual({ ...given, labels: { a: 'b' }, createdAt: fixture.now, updatedAt: fixture.now });
    expect(await service.get(fixture.context(), 'c1')).toEqual(created);
    expect(fixture.published).toEqual([
      {
        namespace: 'default',
        topic: '/containers/create',
        type: 'containerd.events.ContainerCreate',
        event: { id: 'c1', image: 'img', runtime: given.runtime },
      },
    ]);
  });

  test('refuses a second one of the same id, but not in another namespace', async () => {
    await service.create(fixture.context(), container('c1'));
    await expect(service.create(fixture.context(), container('c1'))).rejects.toMatchObject({
      kind: 'already-exists',
      message: 'container "c1"',
    });
    await service.create(fixture.context('other'), container('c1'));
    expect(fixture.published.length).toBe(2);
  });

  test.each<[string, Container | null]>([
    ['container is missing', null],
    ['create container failed validation: container.ID: identifier must not be empty', container('')],
    ['create container failed validation: container.ID: identifier "../x" must match', container('../x')],
    ['greater than maximum length (76 characters)', container('x'.repeat(77))],
    ['container.Runtime.Name must be set', container('c', { runtime: null })],
    ['container.Runtime.Name must be set', container('c', { runtime: { name: '', options: null } })],
    ['container.Spec must be set', container('c', { spec: null })],
    ['container.Snapshotter must be set if container.SnapshotKey is set', container('c', { snapshotKey: 'k' })],
    ['container.Extension keys must not be zero-length', container('c', { extensions: { '': any('') } })],
    ['containers.Labels: label key and value length (4097 bytes)', container('c', { labels: { k: 'v'.repeat(4096) } })],
  ])('refuses: %s', async (message, bad) => {
    await expect(service.create(fixture.context(), bad)).rejects.toMatchObject({
      kind: 'invalid-argument',
      message: expect.stringContaining(message),
    });
    expect(fixture.published).toEqual([]);
  });
});

describe('get and list', () => {
  test('a missing container is named with its namespace', async () => {
    await expect(service.get(fixture.context('ns1'), 'nope')).rejects.toMatchObject({
      kind: 'not-found',
      message: 'container "nope" in namespace "ns1"',
    });
  });

  test('filters by id, image, runtime.name and labels', async () => {
    await service.create(fixture.context(), container('b', { image: 'img', labels: { 'x.y': 'z' } }));
    await service.create(fixture.context(), container('a', { runtime: { name: 'kata', options: null } }));
    await service.create(fixture.context('other'), container('c'));
    expect(await ids()).toEqual(['a', 'b']);
    expect(await ids('id==a', 'image==img')).toEqual(['a', 'b']);
    expect(await ids('id~=b')).toEqual(['b']);
    expect(await ids('image')).toEqual(['b']);
    expect(await ids('runtime.name==kata')).toEqual(['a']);
    expect(await ids('runtime')).toEqual([]);
    expect(await ids('labels.x.y==z')).toEqual(['b']);
    expect(await ids('labels."x.y"')).toEqual(['b']);
    expect(await ids('snapshotter')).toEqual([]);
    expect(() => service.list(fixture.context(), ['id=='])).toThrow('filters: parse error');
  });

  test('listing stops when the caller is gone', async () => {
    await service.create(fixture.context(), container('a'));
    const controller = new AbortController();
    controller.abort(new Error('gone'));
    await expect(all(service.list({ namespace: 'default', signal: controller.signal }, []))).rejects.toThrow('gone');
  });
});

describe('update', () => {
  const original = container('c', {
    labels: { a: '1', b: '2' },
    image: 'old',
    snapshotter: 's',
    snapshotKey: 'k1',
    extensions: { x: any('x'), y: any('y') },
  });
  const change = container('c', {
    labels: { a: '9', c: '3' },
    image: 'new',
    snapshotter: 's',
    snapshotKey: 'k2',
    spec: any('{"new":1}'),
    extensions: { x: any('xx'), z: any('z') },
  });
  beforeEach(() => service.create(fixture.context(), original));

  test('without a mask replaces all that can change', async () => {
    const createdAt = fixture.now;
    const updatedAt = fixture.tick();
    const updated = await service.update(fixture.context(), change, []);
    expect(updated).toEqual({ ...change, createdAt, updatedAt });
    expect(await service.get(fixture.context(), 'c')).toEqual(updated);
    expect(fixture.published.at(-1)).toEqual({
      namespace: 'default',
      topic: '/containers/update',
      type: 'containerd.events.ContainerUpdate',
      event: { id: 'c', image: 'new', labels: { a: '9', c: '3' }, snapshotKey: 'k2' },
    });
  });

  test.each<[string[], Partial<Container>]>([
    [['labels'], { labels: { a: '9', c: '3' } }],
    [['labels.a'], { labels: { a: '9', b: '2' } }],
    [['labels.b', 'labels.c'], { labels: { a: '1', c: '3' } }],
    [['spec', 'image'], { spec: any('{"new":1}'), image: 'new' }],
    [['snapshotkey'], { snapshotKey: 'k2' }],
    [['extensions'], { extensions: { x: any('xx'), z: any('z') } }],
    [['extensions.x', 'extensions.y'], { extensions: { x: any('xx') } }],
  ])('%j touches only that', async (paths, expected) => {
    const { createdAt: _, updatedAt: __, ...updated } = await service.update(fixture.context(), change, paths);
    const { createdAt: ___, updatedAt: ____, ...before } = original;
    expect(updated).toEqual({ ...before, ...expected });
  });

  test('refuses other fields and changes of what is fixed', async () => {
    const refused = (next: Container, paths: string[]) =>
      expect(service.update(fixture.context(), next, paths)).rejects;
    await refused(change, ['runtime']).toMatchObject({
      kind: 'invalid-argument',
      message: 'cannot update "runtime" field on "c"',
    });
    await refused(change, ['spec.value']).toMatchObject({ message: 'cannot update "spec.value" field on "c"' });
    await refused({ ...change, snapshotter: 'other' }, []).toMatchObject({
      message: 'container.Snapshotter field is immutable',
    });
    await refused({ ...change, runtime: { name: 'other', options: null } }, []).toMatchObject({
      message: 'container.Runtime.Name field is immutable',
    });
    await refused({ ...change, spec: null }, ['spec']).toMatchObject({
      message: 'update failed validation: container.Spec must be set',
    });
    await refused({ ...change, id: '' }, []).toMatchObject({ kind: 'invalid-argument' });
    await refused({ ...change, id: 'nope' }, []).toMatchObject({ kind: 'not-found', message: 'container "nope"' });
    expect(fixture.published.length).toBe(1);
  });
});

test('delete removes it once and says so', async () => {
  await service.create(fixture.context(), container('c'));
  await service.delete(fixture.context(), 'c');
  expect(await ids()).toEqual([]);
  await expect(service.delete(fixture.context(), 'c')).rejects.toMatchObject({ kind: 'not-found' });
  expect(fixture.published.map(({ topic }) => topic)).toEqual(['/containers/create', '/containers/delete']);
});
