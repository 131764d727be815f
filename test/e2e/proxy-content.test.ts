import { createReadStream, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { writeBlob } from '../../client/content/write.ts';
import { busyboxImage, writeArchive } from '../../scripts/busybox-image.ts';
import { collectWhenAsked } from '../helpers/collection.ts';
import type { DaemonKind } from '../helpers/daemon.ts';
import { eventually } from '../helpers/eventually.ts';
import { Gantry } from '../helpers/gantry.ts';
import { image, Side } from '../helpers/side.ts';

/** Two proxies: what is disabled is not used. */
const contentConfig = ({ daemon }: Side) => `
disabled_plugins = ["io.containerd.content.v1.content", "io.containerd.content.v1.spare"]
[proxy_plugins.far]
type = "content"
address = "${daemon.address}"
[proxy_plugins.spare]
type = "content"
address = "/nowhere.sock"
${collectWhenAsked}
`;

const blobsFolder = ({ daemon }: Side) => join(daemon.root, 'io.containerd.content.v1.content/blobs/sha256');
const blobsOf = (side: Side) => (existsSync(blobsFolder(side)) ? readdirSync(blobsFolder(side)) : []);

/** Runs a collection of the daemon's garbage and waits for it. */
async function collect({ ctr }: Side): Promise<void> {
  await ctr.ok('leases', 'create', '--id', 'collect');
  await ctr.ok('leases', 'rm', '--sync', 'collect');
}

async function archiveIn({ daemon }: Side): Promise<string> {
  const archive = join(daemon.folder, 'image.tar');
  await writeArchive(archive, await busyboxImage({}));
  return archive;
}

/** Debian's containerd shows that we ask what any store answers. */
for (const kind of ['gantryd', 'containerd'] as DaemonKind[]) {
  test(`the store of ${kind} holds an image that is imported, unpacked, run, changed and collected`, async () => {
    await using store = await Side.start(kind);
    await using side = await Side.start('gantryd', { daemon: { config: contentConfig(store) } });
    const { ctr } = side;
    expect(await ctr.ok('plugins', 'ls', 'type==io.containerd.content.v1')).toMatch(/content\.v1 +far .* ok/);
    expect(await ctr.ok('plugins', 'ls', 'id==content,type==io.containerd.content.v1')).not.toMatch(/ content /);
    await ctr.ok('images', 'import', await archiveIn(side));
    await collect(side);
    // What the store's own garbage collection sees must not go either.
    await collect(store);
    const imported = blobsOf(store);
    expect(imported.length).toBeGreaterThan(2);
    expect(blobsOf(side)).toEqual([]);

    await ctr.ok('run', '-d', image, 'far-content', 'sleep', '1000');
    const script = ['sh', '-c', 'echo changed > /file; cat /file'];
    expect(await ctr.ok('tasks', 'exec', '--exec-id', 'e', 'far-content', ...script)).toBe('changed\n');
    await ctr.ok('tasks', 'rm', '-f', 'far-content');
    await ctr.ok('snapshots', 'diff', '--keep', 'far-content');
    expect(blobsOf(store).length).toBe(imported.length + 1);
    await ctr.ok('containers', 'rm', 'far-content');

    // Unpacked again, by the daemon itself and its threads.
    await ctr.ok('images', 'rm', '--sync', image);
    for (const digest of (await ctr.ok('content', 'ls', '-q')).trim().split('\n')) {
      if (digest !== '') await ctr.ok('content', 'rm', digest);
    }
    const gantry = new Gantry(side);
    await gantry.ok('import', await archiveIn(side));
    expect(await gantry.ok('run', '--rm', image, 'echo', 'unpacked')).toContain('unpacked');
    expect(await gantry.ok('doctor')).toBe('nothing found\n');

    await ctr.ok('images', 'rm', '--sync', image);
    await collect(side);
    await collect(store);
    await eventually(() => expect(blobsOf(store)).toEqual([]));
    expect(await store.ctr.in('gantry.content').ok('content', 'ls', '-q')).toBe('');
  });
}

test('a layer that is damaged in the store is refused', async () => {
  await using store = await Side.start('gantryd');
  await using side = await Side.start('gantryd', { daemon: { config: contentConfig(store) } });
  await side.ctr.ok('images', 'import', '--no-unpack', await archiveIn(side));
  const paths = blobsOf(store).map((name) => join(blobsFolder(store), name));
  const layer = paths.reduce((largest, path) => (statSync(path).size > statSync(largest).size ? path : largest));
  const bytes = readFileSync(layer);
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  rmSync(layer);
  writeFileSync(layer, bytes);
  const refused = await side.ctr.try(['run', '--rm', image, 'damaged', 'true']);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/is damaged|checksum|crc/i) });
});

test('blobs that the store has lost can be forgotten, and then are written again', async () => {
  await using store = await Side.start('gantryd');
  await using side = await Side.start('gantryd', { image: true, daemon: { config: contentConfig(store) } });
  const [lost = '', ...others] = (await side.ctr.ok('content', 'ls', '-q')).trim().split('\n');
  await store.ctr.in('gantry.content').ok('content', 'rm', lost);
  const gantry = new Gantry(side);
  const found = await gantry.try(['doctor', '--json']);
  expect(found.code).toBe(3);
  expect(JSON.parse(found.stdout).findings).toEqual([
    expect.objectContaining({ kind: 'blob-record-without-blob', what: expect.stringContaining(lost), path: '' }),
  ]);
  expect(await gantry.try(['doctor', '--repair'])).toMatchObject({ code: 0 });
  expect((await side.ctr.ok('content', 'ls', '-q')).trim().split('\n')).toEqual(others);
  await side.ctr.ok('images', 'import', await archiveIn(side));
  await side.ctr.ok('content', 'get', lost);
  expect(await gantry.ok('doctor')).toBe('nothing found\n');
});

test('a database that is gone is put back when the store answers, and not before', async () => {
  await using store = await Side.start('gantryd');
  await using side = await Side.start('gantryd', { image: true, daemon: { config: contentConfig(store) } });
  const listed = await side.ctr.ok('content', 'ls', '-q');
  await side.daemon.kill();
  rmSync(join(side.daemon.root, 'io.containerd.metadata.v1.level'), { recursive: true });
  await store.daemon.kill();
  await using early = await side.daemon.launch();
  expect(await early.wait()).toEqual({ how: 'exit', value: 1 });
  expect(side.log).toContain(`proxy plugin "far" at ${store.daemon.address}: cannot be reached`);
  await store.daemon.start();
  await side.daemon.start();
  expect(await side.ctr.ok('content', 'ls', '-q')).toBe(listed);
  await side.ctr.ok('images', 'import', await archiveIn(side));
  expect(await side.ctr.ok('run', '--rm', image, 'again', 'echo', 'back')).toBe('back\n');
});

test('a large layer takes little memory, and a store that dies while it is unpacked is named', async () => {
  await using store = await Side.start('gantryd');
  await using side = await Side.start('gantryd', { daemon: { config: contentConfig(store) } });
  const { folder, pid } = side.daemon;
  await execa('sh', ['-c', 'truncate -s 400M big && tar -cf layer.tar big'], { cwd: folder });
  const path = join(folder, 'layer.tar');
  const { size } = statSync(path);
  const digest = await writeBlob(side.client, createReadStream(path), { sizeBytes: size });
  const snapshots = side.client.service('containerd.services.snapshots.v1.Snapshots');
  const diff = side.client.service('containerd.services.diff.v1.Diff');
  const apply = async (key: string) => {
    const { mounts } = await snapshots.Prepare({ snapshotter: 'overlayfs', key, parent: '' });
    const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size };
    return { mounts, applied: diff.Apply({ diff: layer, mounts }) };
  };
  const { applied } = await apply('whole');
  expect(await applied).toMatchObject({ applied: { digest, size } });
  const peakKib = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  expect(peakKib / 1024).toBeLessThan(250);

  const second = await apply('half');
  const failure = second.applied.catch((error: unknown) => error);
  const target = join(second.mounts[0]?.source ?? '', 'big');
  await eventually(() => expect(statSync(target).size).toBeGreaterThan(0), { intervalMs: 1 });
  await store.daemon.kill();
  expect(await failure).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('proxy plugin "far"') });
  for (const key of ['whole', 'half']) await snapshots.Remove({ snapshotter: 'overlayfs', key });
  await store.daemon.start();
});

test('the daemon starts and goes on without its store, and uses it again when it is back', async () => {
  await using store = await Side.start('gantryd');
  await using side = await Side.start('gantryd', { image: true, daemon: { config: contentConfig(store) } });
  const { ctr } = side;
  await ctr.ok('run', '-d', image, 'survivor', 'sleep', '1000');
  const [digest = ''] = (await ctr.ok('content', 'ls', '-q')).trim().split('\n');
  await ctr.ok('content', 'get', digest);
  await store.daemon.kill();
  const refused = {
    code: 1,
    stderr: expect.stringContaining(`proxy plugin "far" at ${store.daemon.address}: cannot be reached`),
  };
  expect(await ctr.try(['content', 'get', digest])).toMatchObject(refused);
  const blob = writeBlob(side.client, [Buffer.from('x')], { sizeBytes: 1 });
  await expect(blob).rejects.toMatchObject({ kind: 'unavailable', message: expect.stringContaining('"far"') });

  const examined = await new Gantry(side).try(['doctor']);
  expect(examined).toMatchObject({ code: 3, stdout: expect.stringContaining('content-store-unreachable') });
  // What is known without it, and what runs, is as it was.
  await side.daemon.crash();
  expect(await ctr.ok('content', 'ls', '-q')).toContain(digest);
  expect(await ctr.ok('tasks', 'exec', '--exec-id', 'e', 'survivor', 'echo', 'alive')).toBe('alive\n');
  expect(await ctr.try(['content', 'get', digest])).toMatchObject(refused);
  await side.remove('survivor');
  await ctr.ok('images', 'rm', '--sync', image);
  expect(side.log).toContain('content store could not be cleaned');
  expect(blobsOf(store).length).toBeGreaterThan(2);

  await store.daemon.start();
  await eventually(async () => {
    await collect(side);
    await collect(store);
    expect(blobsOf(store)).toEqual([]);
  });
  await ctr.ok('images', 'import', await archiveIn(side));
  expect(await ctr.ok('run', '--rm', image, 'again', 'echo', 'back')).toBe('back\n');
  await ctr.ok('images', 'rm', '--sync', image);
});
