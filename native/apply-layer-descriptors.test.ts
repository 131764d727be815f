import { mkdir, mkdtemp, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sys } from './sys.ts';
import { member, tarOf } from './tar-fixture.ts';

let directory: string;
let target: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-open-'));
  target = join(directory, 'target');
  await mkdir(target);
});

afterEach(() => sys.removeTree(directory));

// More than are kept open at a time until the disk is set to work on them.
const names = Array.from({ length: 1000 }, (_, index) => `file-${index}`);
const archive = tarOf(...names.map((name) => member.file(name, `${name}\n`.repeat(400))));

async function apply(bytes: Uint8Array) {
  const path = join(directory, 'layer');
  await writeFile(path, bytes);
  return sys.applyLayer({ source: { path }, target, whiteouts: 'overlay' });
}

/** What this process has open in the target. */
async function openFiles(): Promise<string[]> {
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
  return (await Promise.all(links)).filter((path) => path.startsWith(target));
}

test.for([
  ['plain', archive],
  ['gzip', gzipSync(archive)],
] as const)('a thousand files are written and closed (%s)', async ([, bytes]) => {
  await apply(bytes);
  expect(await openFiles()).toEqual([]);
  expect(await readdir(target)).toHaveLength(names.length);
  for (const name of names) expect(await readFile(join(target, name), 'utf8')).toBe(`${name}\n`.repeat(400));
});

test('a layer that fails leaves no file open', async () => {
  const whole = gzipSync(archive);
  await expect(apply(whole.subarray(0, whole.length - 20))).rejects.toMatchObject({ kind: 'data-loss' });
  expect(await openFiles()).toEqual([]);
  expect((await readdir(target)).length).toBeGreaterThan(0);
});
