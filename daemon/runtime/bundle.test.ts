import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { sys } from '../../native/sys.ts';
import { Bundles, taskDirectory } from './bundle.ts';

const content = { spec: Buffer.from('{"ociVersion":"1.0.2"}'), shimPath: '/bin/shim' };

async function makeBundles(): Promise<{ bundles: Bundles; state: string; root: string }> {
  const folder = await mkdtemp('/tmp/gt-');
  onTestFinished(() => rm(folder, { recursive: true }));
  const [state, root] = [join(folder, 's'), join(folder, 'r')];
  const bundles = new Bundles({ sys, log: silentLogger }, { state, root });
  await bundles.prepare();
  return { bundles, state, root };
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o7777;
}

test.each([0o000, 0o022, 0o077])('makes a bundle with its modes whatever the umask: %o', async (mask) => {
  const before = process.umask(mask);
  onTestFinished(() => void process.umask(before));
  const { bundles, state } = await makeBundles();
  const bundle = await bundles.create('ns', 'c1', content);
  expect(bundle.path).toBe(join(state, taskDirectory, 'ns/c1'));
  expect(await modeOf(join(state, taskDirectory))).toBe(0o711);
  expect(await modeOf(join(state, taskDirectory, 'ns'))).toBe(0o711);
  expect(await modeOf(bundle.path)).toBe(0o700);
  expect(await modeOf(join(bundle.path, 'rootfs'))).toBe(0o711);
  expect(await modeOf(bundle.workPath)).toBe(0o711);
  expect(await modeOf(join(bundle.path, 'log'))).toBe(0o700);
  expect((await stat(join(bundle.path, 'log'))).isFIFO()).toBe(true);
  expect(await readlink(join(bundle.path, 'work'))).toBe(bundle.workPath);
  expect(await readFile(join(bundle.path, 'config.json'))).toEqual(content.spec);
  expect(await readFile(join(bundle.path, 'shim-binary-path'), 'utf8')).toBe('/bin/shim');
});

test('opens a bundle to the group of a user namespace', async () => {
  const { bundles } = await makeBundles();
  const spec = { linux: { gidMappings: [{ containerID: 0, hostID: 4_711, size: 65_536 }] } };
  const bundle = await bundles.create('ns', 'c1', { ...content, spec: Buffer.from(JSON.stringify(spec)) });
  expect(await modeOf(bundle.path)).toBe(0o710);
  expect((await stat(bundle.path)).gid).toBe(4_711);
});

test.each(['', '..', 'a/b', 'a b', 'x'.repeat(77)])('refuses the id "%s" and touches nothing', async (id) => {
  const { bundles, state } = await makeBundles();
  await expect(bundles.create('ns', id, content)).rejects.toMatchObject({ kind: 'invalid-argument' });
  expect(await readdir(join(state, taskDirectory))).toEqual([]);
});

test('refuses an id that has a bundle and leaves that one alone', async () => {
  const { bundles } = await makeBundles();
  const bundle = await bundles.create('ns', 'c1', content);
  await writeFile(join(bundle.path, 'mine'), '');
  await expect(bundles.create('ns', 'c1', content)).rejects.toMatchObject({ kind: 'already-exists' });
  expect(await readdir(bundle.path)).toContain('mine');
});

test('takes over a work directory that a reboot left without its bundle', async () => {
  const { bundles, root } = await makeBundles();
  await mkdir(join(root, taskDirectory, 'ns/c1/old'), { recursive: true });
  const bundle = await bundles.create('ns', 'c1', content);
  expect(await readdir(bundle.workPath)).toEqual([]);
});

test('leaves nothing of a bundle that could not be completed', async () => {
  const { state, root } = await makeBundles();
  const noFifo = { ...sys, makeFifo: () => Promise.reject(new Error('no fifo')) };
  const bundles = new Bundles({ sys: noFifo, log: silentLogger }, { state, root });
  await expect(bundles.create('ns', 'c1', content)).rejects.toThrow('no fifo');
  await bundles.settled();
  expect(await readdir(join(state, taskDirectory, 'ns'))).toEqual([]);
  expect(await readdir(join(root, taskDirectory, 'ns'))).toEqual([]);
});

test('removes a bundle whatever is in it, twice without complaint', async () => {
  const { bundles, state, root } = await makeBundles();
  const bundle = await bundles.create('ns', 'c1', content);
  await mkdir(join(bundle.path, 'more/below'), { recursive: true });
  // An earlier removal that was interrupted after its rename.
  await mkdir(join(state, taskDirectory, 'ns/.c1/rest'), { recursive: true });
  await bundles.remove(bundle);
  expect(await bundles.list()).toEqual([]);
  await bundles.remove(bundle);
  await bundles.settled();
  expect(await readdir(join(state, taskDirectory, 'ns'))).toEqual([]);
  expect(await readdir(join(root, taskDirectory, 'ns'))).toEqual([]);
});

test('never deletes the files of a rootfs that is not empty', async () => {
  const { bundles } = await makeBundles();
  const bundle = await bundles.create('ns', 'c1', content);
  await writeFile(join(bundle.path, 'rootfs/precious'), '');
  await expect(bundles.remove(bundle)).rejects.toThrow('failed to remove bundle rootfs');
  expect(await readdir(join(bundle.path, 'rootfs'))).toEqual(['precious']);
});

test('lists bundles, not hidden names, and removes what belongs to no task', async () => {
  const { bundles, state, root } = await makeBundles();
  await bundles.create('a', 'c1', content);
  await bundles.create('b', 'c2', content);
  await mkdir(join(state, taskDirectory, 'a/.gone'));
  await mkdir(join(root, taskDirectory, 'a/rebooted'));
  expect((await bundles.list()).map(({ namespace, id }) => `${namespace}/${id}`)).toEqual(['a/c1', 'b/c2']);
  await bundles.removeStale();
  expect(await readdir(join(state, taskDirectory, 'a'))).toEqual(['c1']);
  expect(await readdir(join(root, taskDirectory, 'a'))).toEqual(['c1']);
});

test('a bundle is made again while the files of its predecessor are still being deleted', async () => {
  const { state, root } = await makeBundles();
  let goOn = () => {};
  const busy = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const slow = { ...sys, removeTree: async (path: string) => busy.then(() => sys.removeTree(path)) };
  const bundles = new Bundles({ sys: slow, log: silentLogger }, { state, root });
  const first = await bundles.create('ns', 'c1', content);
  await bundles.remove(first);
  const second = bundles.create('ns', 'c1', content);
  goOn();
  const bundle = await second;
  expect(await readdir(bundle.path)).toContain('config.json');
  expect(await readdir(bundle.workPath)).toEqual([]);
});
