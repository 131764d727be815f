import { expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';

const { scenario } = bothDaemons();

scenario('version names the server and a stable id', async ({ ctr }) => {
  const first = await ctr.ok('version');
  expect(first).toMatch(/^Server:\n {2}Version: {2}\S+\n {2}Revision: \S*\n {2}UUID: [0-9a-f-]{36}$/m);
  expect(await ctr.ok('version')).toBe(first);
});

scenario('the id of the server outlives a crash', async ({ ctr, daemon }) => {
  const before = await ctr.ok('version');
  await daemon.crash();
  expect(await ctr.ok('version')).toBe(before);
});

scenario('plugins ls shows what a client looks for, all of it healthy', async ({ ctr }) => {
  const lines = (await ctr.ok('plugins', 'ls')).trim().split('\n');
  expect(lines[0]).toMatch(/^TYPE +ID +PLATFORMS +STATUS/);
  const plugins = lines.slice(1).map((line) => line.trim().split(/\s+/));
  expect(plugins.filter((columns) => columns.at(-1) !== 'ok' && columns.at(-1) !== 'skip')).toEqual([]);
  const names = plugins.map((columns) => columns.slice(0, 2).join(' '));
  expect(names).toEqual(
    expect.arrayContaining([
      'io.containerd.content.v1 content',
      'io.containerd.snapshotter.v1 overlayfs',
      'io.containerd.runtime.v2 task',
      'io.containerd.grpc.v1 containers',
      'io.containerd.grpc.v1 content',
      'io.containerd.grpc.v1 diff',
      'io.containerd.grpc.v1 events',
      'io.containerd.grpc.v1 images',
      'io.containerd.grpc.v1 introspection',
      'io.containerd.grpc.v1 leases',
      'io.containerd.grpc.v1 namespaces',
      'io.containerd.grpc.v1 snapshots',
      'io.containerd.grpc.v1 tasks',
      'io.containerd.grpc.v1 version',
    ]),
  );
});

scenario('plugins ls filters and tells platform and exports', async ({ ctr }) => {
  const table = await ctr.ok('plugins', 'ls', 'id==overlayfs');
  expect(table.trim().split('\n')).toHaveLength(2);
  const detailed = await ctr.ok('plugins', 'ls', '-d', 'type==io.containerd.snapshotter.v1,id==overlayfs');
  expect(detailed).toMatch(/^Type: +io\.containerd\.snapshotter\.v1$/m);
  expect(detailed).toMatch(/root +\S+\/io\.containerd\.snapshotter\.v1\.overlayfs/);
  return table;
});
