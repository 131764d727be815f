import { access, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { mountsHandlers } from '../../daemon/grpc/mounts.ts';
import { MountsService } from '../../daemon/services/mounts.ts';
import { sys } from '../../native/sys.ts';
import { mountsBelow } from '../helpers/daemon.ts';
import { serve } from '../helpers/grpc-server.ts';
import { all, MetadataFixture } from '../helpers/metadata-fixture.ts';
import { shortTempFolder } from '../helpers/paths.ts';

let stack: AsyncDisposableStack;
let fixture: MetadataFixture;
let folder: string;
let targets: string;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = shortTempFolder();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  stack.defer(() => sys.unmountRecursive(folder));
  for (const name of ['root', 'state']) await mkdir(join(folder, name));
  targets = join(folder, 'state', 't');
  fixture = stack.use(await MetadataFixture.open());
});
afterEach(() => stack.disposeAsync());

const open = () =>
  MountsService.open({ ...fixture, sys, log: silentLogger }, { targets, roots: [join(folder, 'root')] });

/** A client of the service as it is after a start of the daemon. */
async function mounts() {
  const { client } = stack.use(await serve(mountsHandlers(await open())));
  return client.service('containerd.services.mounts.v1.Mounts');
}

const tmpfs = { type: 'tmpfs', source: 'tmpfs' };
const isMissing = { code: 'ENOENT' };

test('what needs no preparing is left to the caller', async () => {
  const service = await mounts();
  for (const request of [{ mounts: [] }, { mounts: [tmpfs] }, { mounts: [tmpfs, { type: 'other/ext4' }] }]) {
    await expect(service.Activate({ name: 'a', ...request })).rejects.toMatchObject({ kind: 'unimplemented' });
  }
  expect(await all(service.List({}))).toEqual([]);
  await expect(service.Update({ info: { name: 'a' } })).rejects.toMatchObject({ kind: 'unimplemented' });
});

test('mounts before the last formatted one are made, and told to it', async () => {
  const service = await mounts();
  const overlay = {
    type: 'format/mkdir/overlay',
    source: 'overlay',
    options: [
      'X-containerd.mkdir.path={{ mount 2 }}/upper:0755',
      'X-containerd.mkdir.path={{ mount 2 }}/work:0755:1:2',
      'lowerdir={{ overlay 1 0 }}',
      'upperdir={{ mount 2 }}/upper',
      'workdir={{ mount 2 }}/work',
    ],
  };
  const after = { type: 'bind', source: '/x', options: ['ro'] };
  const { info } = await service.Activate({
    name: 'a',
    labels: { k: 'v' },
    mounts: [tmpfs, tmpfs, tmpfs, overlay, after],
  });
  const points = [1, 2, 3].map((index) => join(targets, '1', String(index)));
  expect(mountsBelow(folder).sort()).toEqual(points);
  expect(info).toMatchObject({ name: 'a', labels: { k: 'v' } });
  expect(info?.active.map(({ mountPoint, mount }) => [mountPoint, mount?.type])).toEqual(
    points.map((point) => [point, 'tmpfs']),
  );
  expect(info?.system).toMatchObject([
    {
      type: 'overlay',
      source: 'overlay',
      options: [`lowerdir=${points[1]}:${points[0]}`, `upperdir=${points[2]}/upper`, `workdir=${points[2]}/work`],
    },
    after,
  ]);
  const upper = await stat(join(points[2] ?? '', 'upper'));
  expect(upper.mode & 0o7777).toBe(0o755);
  expect(await stat(join(points[2] ?? '', 'work'))).toMatchObject({ uid: 1, gid: 2 });
  await sys.mount({ type: 'overlay', source: 'overlay', target: folder, options: info?.system[0]?.options ?? [] });
  await sys.unmount(folder);

  expect((await service.Info({ name: 'a' })).info).toEqual(info);
  expect((await all(service.List({ filters: ['labels.k==v'] }))).map((message) => message.info)).toEqual([info]);
  expect(await all(service.List({ filters: ['name==b'] }))).toEqual([]);
  await expect(service.Activate({ name: 'a', mounts: [overlay] })).rejects.toMatchObject({ kind: 'already-exists' });
  await service.Deactivate({ name: 'a' });
  expect(mountsBelow(folder)).toEqual([]);
  expect(await readdir(targets)).toEqual([]);
  for (const call of [service.Deactivate, service.Info]) {
    await expect(call({ name: 'a' })).rejects.toMatchObject({ kind: 'not-found', message: 'mount "a": not found' });
  }
});

test('everything is mounted for who asks for it temporarily', async () => {
  const service = await mounts();
  const { info } = await service.Activate({ name: 'a', mounts: [tmpfs, tmpfs], temporary: true });
  const last = join(targets, '1', '2');
  expect(info?.system).toEqual([{ type: 'bind', source: last, target: '', options: ['rbind'] }]);
  expect(mountsBelow(folder).sort()).toEqual([join(targets, '1', '1'), last]);
});

test('a file system is made once, in a file below an allowed root', async () => {
  const service = await mounts();
  const source = join(folder, 'root', 'disk.img');
  const options = ['X-containerd.mkfs.size=1MiB', 'X-containerd.mkfs.fs=ext4', 'loop'];
  const request = { mounts: [{ type: 'mkfs/ext4', source, options }] };
  const { info } = await service.Activate({ name: 'a', ...request });
  expect(info?.system).toEqual([{ type: 'ext4', source, target: '', options: ['loop'] }]);
  const image = await readFile(source);
  expect([image.length, image.readUInt16LE(1024 + 56)]).toEqual([1024 * 1024, 0xef53]);
  await writeFile(source, 'mine');
  await service.Activate({ name: 'b', ...request });
  expect(await readFile(source, 'utf8')).toBe('mine');
});

test('bad requests are refused and leave nothing', async () => {
  const service = await mounts();
  await symlink('/', join(folder, 'root', 'out'));
  const mkdirOf = (value: string) => ({ ...tmpfs, type: 'mkdir/tmpfs', options: [`X-containerd.mkdir.${value}`] });
  const mkfsOf = (source: string, ...options: string[]) => ({
    type: 'mkfs/ext4',
    source,
    options: options.map((option) => `X-containerd.mkfs.${option}`),
  });
  const inRoot = join(folder, 'root', 'x');
  const bad: [object, string, string][] = [
    [{ type: 'format/tmpfs', source: '{{ mount 1 }}' }, 'unknown', 'index out of bounds: 1, has 1 active mounts'],
    [{ type: 'format/tmpfs', source: '{{ overlay 0 1 }}' }, 'unknown', 'invalid range: 0-1, has 1 active mounts'],
    [{ type: 'format/tmpfs', source: '{{ exec 1 }}' }, 'unknown', 'bad expression {{ exec 1 }}'],
    [mkdirOf('mode=0'), 'invalid-argument', 'invalid mkdir option'],
    [mkdirOf(`path=${inRoot}:0700:1`), 'invalid-argument', 'invalid mkdir option'],
    [mkdirOf(`path=${inRoot}:4755`), 'invalid-argument', 'invalid mode 4755'],
    [mkdirOf(`path=${inRoot}:0700:a:b`), 'invalid-argument', 'invalid uid "a"'],
    [mkdirOf('path=/elsewhere'), 'unimplemented', 'no root "/elsewhere" configured for mkdir'],
    [mkdirOf(`path=${inRoot}/../../y`), 'unimplemented', 'configured for mkdir'],
    [mkdirOf(`path=${folder}/root/out/tmp-gantry`), 'unimplemented', 'configured for mkdir'],
    [mkfsOf('/elsewhere', 'size=1m'), 'unimplemented', 'no root "/elsewhere" configured for mkfs'],
    [mkfsOf(inRoot), 'invalid-argument', 'mkfs requires mkfs.size option'],
    [mkfsOf(inRoot, 'size=many'), 'invalid-argument', "invalid size: 'many'"],
    [mkfsOf(inRoot, 'size=1m', 'fs=fat'), 'invalid-argument', 'unsupported filesystem "fat"'],
    [mkfsOf(inRoot, 'size=1m', 'color=red'), 'invalid-argument', 'unknown mount option'],
    [mkfsOf(inRoot, 'size=1'), 'unknown', 'mkfs.ext4 failed'],
  ];
  for (const [mount, kind, message] of bad) {
    await expect(service.Activate({ name: 'a', mounts: [tmpfs, mount] }), message).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message),
    });
  }
  const missing = { type: 'no-such-fs', source: 'x' };
  await expect(service.Activate({ name: 'a', mounts: [tmpfs, missing], temporary: true })).rejects.toMatchObject({
    message: expect.stringContaining('mount failed no-such-fs x'),
  });
  await expect(service.Activate({ name: '', mounts: [tmpfs], temporary: true })).rejects.toMatchObject({
    kind: 'invalid-argument',
  });
  await expect(access(inRoot)).rejects.toMatchObject(isMissing);
  expect(mountsBelow(folder)).toEqual([]);
  expect(await readdir(targets)).toEqual([]);
  expect(await all(service.List({}))).toEqual([]);
});

test('activations outlive the daemon, unless their mounts are gone', async () => {
  const first = await mounts();
  for (const name of ['kept', 'lost']) await first.Activate({ name, mounts: [tmpfs], temporary: true });
  const { info } = await first.Info({ name: 'kept' });
  await sys.unmount(join(targets, '2', '1'));
  // As a crash in the middle of an activation leaves it.
  await mkdir(join(targets, '9', '1'), { recursive: true });
  await sys.mount({ ...tmpfs, target: join(targets, '9', '1'), options: [] });

  const second = await mounts();
  expect((await second.Info({ name: 'kept' })).info).toEqual(info);
  await expect(second.Info({ name: 'lost' })).rejects.toMatchObject({ kind: 'not-found' });
  expect(mountsBelow(folder)).toEqual([join(targets, '1', '1')]);
  expect(await readdir(targets)).toEqual(['1']);
  await second.Activate({ name: 'lost', mounts: [tmpfs], temporary: true });
  await second.Deactivate({ name: 'kept' });
  expect(mountsBelow(folder)).toEqual([join(targets, '3', '1')]);
});

test('of two that activate one name at once, one does', async () => {
  const service = await mounts();
  const attempts = await Promise.allSettled(
    [1, 2, 3].map(() => service.Activate({ name: 'a', mounts: [tmpfs], temporary: true })),
  );
  expect(attempts.filter(({ status }) => status === 'fulfilled').length).toBe(1);
  for (const attempt of attempts) {
    if (attempt.status === 'rejected') expect(attempt.reason).toMatchObject({ kind: 'already-exists' });
  }
  expect(mountsBelow(folder).length).toBe(1);
});
