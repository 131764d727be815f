import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Any, pack, unpack } from '../../proto/any.ts';
import type { Plugin } from '../../proto/gen/api/services/introspection/v1/introspection.ts';
import { IntrospectionService } from './introspection.ts';

const plugin = (type: string, id: string, initErr: Plugin['initErr'] = null): Plugin => ({
  type,
  id,
  requires: [],
  platforms: [],
  exports: {},
  capabilities: [],
  initErr,
});
const plugins = [
  plugin('io.containerd.content.v1', 'content'),
  plugin('io.containerd.runtime.v2', 'task'),
  plugin('io.containerd.snapshotter.v1', 'zfs', { code: 9, message: 'no zfs here', details: [] }),
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-is-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const runtimeInfo = async ({ runtimePath }: { readonly runtimePath: string }) => ({
  ...{ name: runtimePath, version: null, options: null, features: null, annotations: {} },
});
const service = () =>
  new IntrospectionService({ plugins, uuidPath: join(folder, 'introspection', 'uuid'), runtimeInfo });
const { signal } = new AbortController();

test('plugins are filtered by type and id', () => {
  expect(service().plugins([])).toEqual(plugins);
  expect(service().plugins(['type==io.containerd.content.v1,id==content'])).toEqual(plugins.slice(0, 1));
  expect(service().plugins(['platforms'])).toEqual([]);
  expect(() => service().plugins(['type=='])).toThrow('parse error');
});

const options = { typeUrl: 'x', value: Buffer.alloc(0) };

test('a plugin is told about by type and id', async () => {
  for (const plugin of plugins) {
    const asked = service().plugin({ type: plugin.type, id: plugin.id, options: null }, signal);
    expect(await asked).toEqual({ plugin, extra: null });
  }
});

test('the runtime plugin tells what the runtime says that the options name', async () => {
  const asked = pack('containerd.types.RuntimeRequest', { runtimePath: 'r' });
  const { extra } = await service().plugin({ type: 'io.containerd.runtime.v2', id: 'task', options: asked }, signal);
  expect(extra?.typeUrl).toBe('containerd.types.RuntimeInfo');
  expect(unpack('containerd.types.RuntimeInfo', extra as Any).name).toBe('r');
});

test.each([
  ['io.containerd.content.v1', 'other', null, 'not-found', 'plugin io.containerd.content.v1.other not found'],
  ['io.containerd.snapshotter.v1', 'zfs', options, 'failed-precondition', 'plugin not successfully loaded'],
  ['io.containerd.content.v1', 'content', options, 'unimplemented', 'does not provide extra information'],
  ['io.containerd.runtime.v2', 'task', options, 'unimplemented', 'unknown request type x'],
])('%s %s with options %j is %s', async (type, id, asked, kind, message) => {
  await expect(service().plugin({ type, id, options: asked }, signal)).rejects.toMatchObject({
    kind,
    message: expect.stringContaining(message),
  });
});

test('the server has an id that it keeps', async () => {
  const { uuid, pid, pidns } = await service().server();
  expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(await readFile(join(folder, 'introspection', 'uuid'), 'utf8')).toBe(uuid);
  expect({ pid, pidns }).toEqual({ pid: process.pid, pidns: (await stat('/proc/self/ns/pid')).ino });
  expect((await service().server()).uuid).toBe(uuid);
});
