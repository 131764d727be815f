import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
  plugin('io.containerd.snapshotter.v1', 'zfs', { code: 9, message: 'no zfs here', details: [] }),
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-is-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const service = () => new IntrospectionService({ plugins, uuidPath: join(folder, 'introspection', 'uuid') });

test('plugins are filtered by type and id', () => {
  expect(service().plugins([])).toEqual(plugins);
  expect(service().plugins(['type==io.containerd.content.v1,id==content'])).toEqual(plugins.slice(0, 1));
  expect(service().plugins(['platforms'])).toEqual([]);
  expect(() => service().plugins(['type=='])).toThrow('parse error');
});

const options = { typeUrl: 'x', value: Buffer.alloc(0) };

test('a plugin is told about by type and id', () => {
  const [content] = plugins;
  expect(service().plugin({ type: 'io.containerd.content.v1', id: 'content', options: null })).toBe(content);
  expect(service().plugin({ type: 'io.containerd.snapshotter.v1', id: 'zfs', options: null })).toBe(plugins[1]);
});

test.each([
  ['io.containerd.content.v1', 'other', null, 'not-found', 'plugin io.containerd.content.v1.other not found'],
  ['io.containerd.snapshotter.v1', 'zfs', options, 'failed-precondition', 'plugin not successfully loaded'],
  ['io.containerd.content.v1', 'content', options, 'unimplemented', 'does not provide extra information'],
])('%s %s with options %j is %s', (type, id, asked, kind, message) => {
  expect(() => service().plugin({ type, id, options: asked })).toThrow(
    expect.objectContaining({ kind, message: expect.stringContaining(message) }),
  );
});

test('the server has an id that it keeps', async () => {
  const { uuid, pid, pidns } = await service().server();
  expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(await readFile(join(folder, 'introspection', 'uuid'), 'utf8')).toBe(uuid);
  expect({ pid, pidns }).toEqual({ pid: process.pid, pidns: (await stat('/proc/self/ns/pid')).ino });
  expect((await service().server()).uuid).toBe(uuid);
});
