import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { busyboxImage, writeArchive } from '../../scripts/busybox-image.ts';
import { eventually } from '../helpers/eventually.ts';
import { image, Side } from '../helpers/side.ts';
import { SnapshotterProcess } from '../helpers/snapshotter-process.ts';

const proxyConfig = ({ address, root }: SnapshotterProcess) => `
[proxy_plugins.gantry]
type = "snapshot"
address = "${address}"
[proxy_plugins.gantry.exports]
root = "${root}"
`;

const layersOf = ({ root }: SnapshotterProcess) =>
  readdirSync(join(root, 'snapshots')).filter((name) => !name.startsWith('.'));

/** Debian's containerd shows that what serves our daemon serves others. */
for (const kind of ['containerd', 'gantryd'] as const) {
  for (const driver of ['overlay', 'copy']) {
    test(`${kind} runs a container on gantry-snapshotter, ${driver}, and collects what it leaves`, async () => {
      await using snapshotter = await SnapshotterProcess.start('--driver', driver);
      await using side = await Side.start(kind, { image: true, daemon: { config: proxyConfig(snapshotter) } });
      const { ctr } = side;
      const run = ['run', '--snapshotter', 'gantry', '-d', image, 'on-proxy', 'sleep', '1000'];
      await ctr.ok(...run);
      const script = 'echo kept > /file; cat /file; grep " / " /proc/mounts | cut -d" " -f3';
      const told = await ctr.ok('tasks', 'exec', '--exec-id', 'e', 'on-proxy', 'sh', '-c', script);
      expect(told.split('\n')[0]).toBe('kept');
      if (driver === 'overlay') expect(told.split('\n')[1]).toBe('overlay');
      const listed = await ctr.ok('snapshots', '--snapshotter', 'gantry', 'ls');
      expect(listed).toMatch(/^on-proxy +sha256:\w+ +Active/m);
      expect(await ctr.ok('plugins', 'ls', 'id==gantry')).toMatch(/io\.containerd\.snapshotter\.v1 +gantry .* ok/);
      expect(layersOf(snapshotter).length).toBeGreaterThan(1);
      await side.remove('on-proxy');
      await ctr.ok('images', 'rm', '--sync', image);
      await eventually(() => expect(layersOf(snapshotter)).toEqual([]));
    });
  }
}

test('a proxy may start after the daemon, go away and come back', async () => {
  await using snapshotter = await SnapshotterProcess.start();
  await snapshotter.end('SIGTERM');
  await using side = await Side.start('gantryd', { daemon: { config: proxyConfig(snapshotter) } });
  const { ctr } = side;
  const prepare = (key: string) => ctr.try(['snapshots', '--snapshotter', 'gantry', 'prepare', key]);
  const refused = {
    code: 1,
    stderr: expect.stringContaining(`proxy plugin "gantry" at ${snapshotter.address}: cannot be reached`),
  };
  expect(await prepare('early')).toMatchObject(refused);
  await snapshotter.start();
  await eventually(async () => expect(await prepare('one')).toMatchObject({ code: 0 }));
  await snapshotter.end('SIGKILL');
  expect(await prepare('two')).toMatchObject(refused);
  expect(await ctr.try(['snapshots', '--snapshotter', 'gantry', 'ls'])).toMatchObject(refused);
  // The daemon's own are as they were.
  await ctr.ok('snapshots', 'ls');
  await snapshotter.start();
  await eventually(async () => expect(await prepare('three')).toMatchObject({ code: 0 }));
  const listed = await ctr.ok('snapshots', '--snapshotter', 'gantry', 'ls');
  expect(listed).toMatch(/^one /m);
  expect(listed).not.toMatch(/^two /m);
  await side.daemon.crash();
  expect(await ctr.ok('snapshots', '--snapshotter', 'gantry', 'ls')).toEqual(listed);
  for (const key of ['one', 'three']) await ctr.ok('snapshots', '--snapshotter', 'gantry', 'rm', key);
});

test('one process uses a root, one an address, and what a killed one left is taken over', async () => {
  await using snapshotter = await SnapshotterProcess.start();
  await using second = await snapshotter.launch();
  expect(await second.wait()).toEqual({ how: 'exit', value: 1 });
  expect(snapshotter.log).toMatch(/gantry-snapshotter: root .* is in use by another/);
  await snapshotter.end('SIGKILL');
  await snapshotter.start();
  expect(await snapshotter.end('SIGTERM')).toEqual({ how: 'exit', value: 0 });
});

test('a differ that is a process of its own unpacks layers, and what it leaves is for the next', async () => {
  await using other = await Side.start('gantryd');
  const config = `
[proxy_plugins.far]
type = "diff"
address = "${other.daemon.address}"
[plugins."io.containerd.service.v1.diff-service"]
default = ["far", "walking"]
`;
  await using side = await Side.start('gantryd', { daemon: { config } });
  const archive = join(side.daemon.folder, 'image.tar');
  await writeArchive(archive, await busyboxImage({}));
  await side.ctr.ok('images', 'import', '--no-unpack', archive);
  // The differ reads layers from its own content, which has none: nobody else unpacked this.
  const refused = await side.ctr.try(['run', '--rm', image, 'unpacked', 'echo', 'far']);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('not found') });
  await other.ctr.in(side.namespace).ok('images', 'import', archive);
  expect(await side.ctr.ok('run', '--rm', image, 'unpacked', 'echo', 'far')).toBe('far\n');
  await other.daemon.kill();
  const gone = await side.client
    .service('containerd.services.diff.v1.Diff')
    .Apply({ diff: { mediaType: 'x', digest: `sha256:${'a'.repeat(64)}`, size: 1 }, mounts: [] })
    .catch((error: unknown) => error);
  expect(gone).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('proxy plugin "far"') });
  await other.daemon.start();
});
