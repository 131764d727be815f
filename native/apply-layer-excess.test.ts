import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LayerLimits } from '../base/layer-limits.ts';
import { sys } from './sys.ts';
import { member, type TarMember, tarOf } from './tar-fixture.ts';
import { attributesOf } from './tree-fixture.ts';

let directory: string;
let target: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-excess-'));
  target = join(directory, 'target');
  await mkdir(target);
});

afterEach(() => sys.removeTree(directory));

async function apply(archive: Uint8Array, limits: Partial<LayerLimits> = {}) {
  const path = join(directory, 'layer');
  await writeFile(path, archive);
  return sys.applyLayer({ source: { path }, target, whiteouts: 'overlay', limits });
}

test('zeros without end, in gzip, are given up soon after the first gibibyte', async () => {
  // Members of 64 MiB of zeros each, which take 64 KiB: 100 GiB of them are 100 MB.
  const zeros = gzipSync(Buffer.alloc(64 * 2 ** 20), { level: 9 });
  const header = gzipSync(tarOf({ ...member.file('zeros'), sizeField: 100 * 2 ** 30 }).subarray(0, 512));
  const failing = apply(Buffer.concat([header, ...Array.from({ length: 40 }, () => zeros)]));
  await expect(failing).rejects.toMatchObject({ kind: 'resource-exhausted' });
  await expect(failing).rejects.toThrow('expands more than allowed');
  expect((await stat(join(target, 'zeros'))).size).toBeLessThan(1.1 * 2 ** 30);
}, 60_000);

test('a hundred gibibytes of nothing are a file that takes no space', async () => {
  const size = 100 * 2 ** 30;
  const map = Buffer.alloc(512);
  map.write(`1\n${size}\n0\n`);
  const pax = {
    'GNU.sparse.major': '1',
    'GNU.sparse.minor': '0',
    'GNU.sparse.name': 'hole',
    'GNU.sparse.realsize': String(size),
  };
  await apply(tarOf({ ...member.file('hole', map), pax }));
  const { size: found, blocks } = await stat(join(target, 'hole'));
  expect(found).toBe(size);
  expect(blocks).toBeLessThan(100);
});

test('ten million entries are too many', async () => {
  // The cheapest entry there is: one that is left out.
  const header = tarOf(member.file('.wh..wh.aufs')).subarray(0, 512);
  const frame = execFileSync('zstd', ['-c'], { input: Buffer.alloc(512 * 131_072, header), maxBuffer: 2 ** 26 });
  const failing = apply(Buffer.concat(Array.from({ length: 80 }, () => frame)), { maxRatio: 1e9 });
  await expect(failing).rejects.toMatchObject({ kind: 'resource-exhausted' });
  await expect(failing).rejects.toThrow('more entries than allowed');
  expect(await readdir(target)).toEqual([]);
}, 60_000);

test.each<[what: string, name: string, value: Buffer]>([
  ['a value larger than the kernel takes', 'user.large', Buffer.alloc(65_537, 'x')],
  ['a name longer than the kernel takes', `user.${'n'.repeat(300)}`, Buffer.from('x')],
  ['capabilities that are none', 'security.capability', Buffer.from('nonsense')],
])('%s is refused by name', async (_, name, value) => {
  const failing = apply(tarOf({ ...member.file('file'), pax: { [`SCHILY.xattr.${name}`]: value } }));
  await expect(failing).rejects.toThrow(/setxattr file: .*\(E\w+\)/);
  await expect(failing).rejects.toThrow(`attribute ${name.slice(0, 20)}`);
});

test('attributes of a kind that the file system does not know are left out', async () => {
  await apply(
    tarOf({ ...member.file('file'), pax: { 'SCHILY.xattr.nobody.knows': 'x', 'SCHILY.xattr.user.kept': 'y' } }),
  );
  expect(attributesOf(join(target, 'file'))).toEqual(['user.kept=0x79']);
});

test('devices that may not be made are refused by name; deletions can be written down nonetheless', async () => {
  const unprivileged = async (...members: TarMember[]) => {
    const path = join(directory, 'layer');
    await writeFile(path, tarOf(...members));
    const source = JSON.stringify({ source: { path }, target, whiteouts: 'overlay' });
    const program = `import { sys } from ${JSON.stringify(join(import.meta.dirname, 'sys.ts'))}; await sys.applyLayer(${source})`;
    const node = [process.execPath, '--input-type=module', '-e', program];
    return spawnSync('setpriv', ['--bounding-set', '-mknod', '--', ...node], { encoding: 'utf8' });
  };
  const refused = await unprivileged({ name: 'null', type: '3', device: [1, 3] });
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('mknodat null: operation not permitted (EPERM)');
  expect(await readdir(target)).toEqual([]);
  const done = await unprivileged({ name: 'pipe', type: '6' }, member.file('.wh.gone'));
  expect(done.stderr).toBe('');
  expect((await readdir(target)).sort()).toEqual(['gone', 'pipe']);
});
