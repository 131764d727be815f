import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { all, MetadataFixture } from '../../test/helpers/metadata-fixture.ts';
import { NamespacesService } from './namespaces.ts';
import { SandboxesService } from './sandboxes.ts';

let fixture: MetadataFixture;
let service: SandboxesService;
beforeEach(async () => {
  fixture = await MetadataFixture.open();
  service = new SandboxesService(fixture);
});
afterEach(() => fixture[Symbol.asyncDispose]());

const any = (text: string) => ({ typeUrl: 'x', value: Buffer.from(text) });
const sandbox = (sandboxId: string) => ({
  sandboxId,
  runtime: { name: 'io.containerd.runc.v2', options: any('options') },
  spec: any('spec'),
  labels: { a: 'b' },
  createdAt: null,
  updatedAt: null,
  extensions: { e: any('1'), 'f.g': any('2') },
  sandboxer: 'shim',
});

describe('create', () => {
  test('stores everything, with times of its own', async () => {
    const forged = { seconds: 1, nanos: 0 };
    const created = await service.create(fixture.context(), {
      ...sandbox('s'),
      labels: { a: 'b', none: '' },
      createdAt: forged,
      updatedAt: forged,
    });
    expect(created).toEqual({ ...sandbox('s'), createdAt: fixture.now, updatedAt: fixture.now });
    expect(await service.get(fixture.context(), 's')).toEqual(created);
    expect(fixture.published).toEqual([]);
  });

  test('refuses a taken id, per namespace', async () => {
    await service.create(fixture.context(), sandbox('s'));
    await service.create(fixture.context('other'), sandbox('s'));
    await expect(service.create(fixture.context(), sandbox('s'))).rejects.toMatchObject({ kind: 'already-exists' });
  });

  test.each([
    ['no sandbox', null, 'sandbox is missing'],
    ['an empty id', { ...sandbox('') }, 'failed to validate sandbox: invalid sandbox ID: identifier must not be empty'],
    ['a path', { ...sandbox('../s') }, 'invalid sandbox ID'],
    ['a long label', { ...sandbox('s'), labels: { k: 'v'.repeat(4_096) } }, 'sandbox.Labels: label key and value'],
  ])('refuses %s', async (_, bad, message) => {
    await expect(service.create(fixture.context(), bad)).rejects.toMatchObject({
      kind: 'invalid-argument',
      message: expect.stringContaining(message),
    });
    expect(await all(service.list(fixture.context(), []))).toEqual([]);
  });

  test('gives one without a runtime an unnamed one', async () => {
    const created = await service.create(fixture.context(), { ...sandbox('s'), runtime: null });
    expect(created.runtime).toEqual({ name: '', options: null });
  });
});

describe('update', () => {
  beforeEach(async () => {
    await service.create(fixture.context(), sandbox('s'));
    fixture.tick();
  });

  const change = {
    ...sandbox('s'),
    labels: { c: 'd' },
    spec: any('new'),
    extensions: { e: any('new') },
    runtime: { name: 'io.containerd.runc.v2', options: any('new') },
    sandboxer: 'other',
  };

  test('without fields replaces what can change', async () => {
    const { createdAt } = await service.get(fixture.context(), 's');
    const updated = await service.update(fixture.context(), change, []);
    expect(updated).toEqual({ ...change, sandboxer: 'shim', createdAt, updatedAt: fixture.now });
    expect(await service.get(fixture.context(), 's')).toEqual(updated);
  });

  test('without fields refuses another runtime', async () => {
    const renamed = { ...change, runtime: { name: 'io.containerd.gantry.v1', options: null } };
    await expect(service.update(fixture.context(), renamed, [])).rejects.toMatchObject({
      kind: 'invalid-argument',
      message: 'sandbox.Runtime.Name field is immutable',
    });
  });

  test.each([
    [['labels'], { labels: { c: 'd' } }],
    [['labels.c'], { labels: { a: 'b', c: 'd' } }],
    [['labels.a'], { labels: {} }],
    [['spec'], { spec: any('new') }],
    [['extensions'], { extensions: { e: any('new') } }],
    [['extensions.e'], { extensions: { e: any('new'), 'f.g': any('2') } }],
    [['extensions.f.g'], { extensions: { e: any('1') } }],
    [['runtime'], { runtime: change.runtime }],
    [['labels', 'spec'], { labels: { c: 'd' }, spec: any('new') }],
  ])('of %j changes only that', async (fields, expected) => {
    const before = await service.get(fixture.context(), 's');
    const updated = await service.update(fixture.context(), change, fields);
    expect(updated).toEqual({ ...before, ...expected, updatedAt: fixture.now });
  });

  test.each(['sandboxer', 'sandbox_id', 'created_at', 'runtime.name', 'x'])('of %s is refused', async (field) => {
    const attempt = service.update(fixture.context(), change, [field]);
    await expect(attempt).rejects.toMatchObject({
      kind: 'invalid-argument',
      message: `cannot update "${field}" field on sandbox "s"`,
    });
  });

  test('needs the sandbox', async () => {
    await expect(service.update(fixture.context(), sandbox('nope'), [])).rejects.toMatchObject({
      kind: 'not-found',
      message: 'sandbox "nope"',
    });
    await expect(service.update(fixture.context(), null, [])).rejects.toMatchObject({ kind: 'invalid-argument' });
  });
});

test('sandboxes are listed by id and labels, by nothing else', async () => {
  await service.create(fixture.context(), { ...sandbox('b'), labels: { 'x.y': '1' } });
  await service.create(fixture.context(), sandbox('a'));
  const found = async (...filters: string[]) =>
    (await all(service.list(fixture.context(), filters))).map(({ sandboxId }) => sandboxId);
  expect(await found()).toEqual(['a', 'b']);
  expect(await found('id==a')).toEqual(['a']);
  expect(await found('labels.x.y==1', 'labels.a')).toEqual(['a', 'b']);
  expect(await found('sandboxer==shim')).toEqual([]);
  expect(() => service.list(fixture.context(), ['id=='])).toThrow('parse error');
});

test('a deleted sandbox is gone', async () => {
  await service.create(fixture.context(), sandbox('s'));
  await service.delete(fixture.context(), 's');
  const missing = { kind: 'not-found', message: 'sandbox "s"' };
  await expect(service.get(fixture.context(), 's')).rejects.toMatchObject(missing);
  await expect(service.delete(fixture.context(), 's')).rejects.toMatchObject(missing);
});

test('records of sandboxes do not keep a namespace, and go with it', async () => {
  await service.create(fixture.context('a'), sandbox('s'));
  await new NamespacesService(fixture).delete('a');
  expect(await all(service.list(fixture.context('a'), []))).toEqual([]);
});
