import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { binaryName, ShimBinaries } from './shim-binary.ts';

afterEach(() => void vi.unstubAllEnvs());

async function folderWith(...names: string[]): Promise<string> {
  const path = await mkdtemp('/tmp/gt-');
  onTestFinished(() => rm(path, { recursive: true }));
  for (const name of names) {
    await writeFile(join(path, name), '');
    await chmod(join(path, name), 0o755);
  }
  return path;
}

test.each([
  ['io.containerd.runc.v2', 'containerd-shim-runc-v2'],
  ['kata.v2', 'containerd-shim-kata-v2'],
  ['a.b.c.d.e', 'containerd-shim-d-e'],
])('names the shim of %s', (runtime, name) => {
  expect(binaryName(runtime)).toBe(name);
});

test.each(['runc', '.runc', './runc.v2', 'bin/io.containerd.runc.v2'])('refuses the name %s', (runtime) => {
  expect(() => binaryName(runtime)).toThrow(expect.objectContaining({ kind: 'invalid-argument' }));
});

test('takes the configured shim of a name before any search', async () => {
  const folder = await folderWith('mine', 'containerd-shim-runc-v2');
  vi.stubEnv('PATH', folder);
  const binaries = new ShimBinaries({
    runtimes: { 'io.containerd.runc.v2': join(folder, 'mine') },
    executable: '/nowhere/gantryd',
  });
  expect(await binaries.resolve('io.containerd.runc.v2')).toBe(join(folder, 'mine'));
});

test('searches PATH in order, then beside the daemon', async () => {
  const [first, second, beside] = [
    await folderWith('containerd-shim-a-v1'),
    await folderWith('containerd-shim-a-v1', 'containerd-shim-b-v1'),
    await folderWith('containerd-shim-b-v1', 'containerd-shim-c-v1'),
  ];
  vi.stubEnv('PATH', `${first}:${second}`);
  const binaries = new ShimBinaries({ runtimes: {}, executable: join(beside, 'gantryd') });
  expect(await binaries.resolve('x.a.v1')).toBe(join(first, 'containerd-shim-a-v1'));
  expect(await binaries.resolve('x.b.v1')).toBe(join(second, 'containerd-shim-b-v1'));
  expect(await binaries.resolve('x.c.v1')).toBe(join(beside, 'containerd-shim-c-v1'));
  await expect(binaries.resolve('x.d.v1')).rejects.toThrow(
    'runtime "x.d.v1" binary not installed "containerd-shim-d-v1": file does not exist',
  );
});

test('takes an absolute path as it is, if there is such a program', async () => {
  const folder = await folderWith('shim');
  const binaries = new ShimBinaries({ runtimes: {}, executable: '/nowhere/gantryd' });
  expect(await binaries.resolve(join(folder, 'shim'))).toBe(join(folder, 'shim'));
  await expect(binaries.resolve(join(folder, 'none'))).rejects.toThrow(/^invalid custom binary path: stat .*none/);
  await expect(binaries.resolve('')).rejects.toThrow('no runtime name');
});
