import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { changesBetween } from './changes.ts';
import { inBlocks } from './in-blocks.ts';
import { tarOfChanges } from './tar-changes.ts';
import { writeLayer } from './write-layer.ts';

const plain = { extendedAttributes: () => new Map<string, Buffer>() };

async function emptyTrees() {
  const directory = await mkdtemp(join(tmpdir(), 'gw-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const trees = { lower: join(directory, 'lower'), upper: join(directory, 'upper') };
  for (const path of Object.values(trees)) await mkdir(path);
  return trees;
}

const descriptors = async () => (await readdir('/proc/self/fd')).length;

test.for(['none', 'gzip', 'zstd'] as const)(
  'a thread writes the layer and tells its diff id (%s)',
  async (compression) => {
    const trees = await emptyTrees();
    await writeFile(join(trees.upper, 'large'), Buffer.alloc(5_000_000, 'gantry'));
    for (let n = 0; n < 50; n += 1) await writeFile(join(trees.upper, `small-${n}`), 'x'.repeat(n));
    const chunks: Uint8Array[] = [];
    const diffId = await writeLayer({ ...trees, compression }, async (chunk) => void chunks.push(chunk));
    const written = Buffer.concat(chunks);
    const unpacked = { none: (bytes: Buffer) => bytes, gzip: gunzipSync, zstd: zstdDecompressSync }[compression](
      written,
    );
    expect(unpacked.equals(Buffer.concat([...tarOfChanges(plain, changesBetween(plain, trees))]))).toBe(true);
    expect(diffId).toBe(`sha256:${createHash('sha256').update(unpacked).digest('hex')}`);
  },
);

test('no more comes than is taken, and giving up closes everything', async () => {
  const trees = await emptyTrees();
  await writeFile(join(trees.upper, 'endless'), '');
  await truncate(join(trees.upper, 'endless'), 2 ** 40);
  const before = await descriptors();
  const stop = new AbortController();
  let taken = 0;
  const layer = writeLayer(
    { ...trees, compression: 'none' },
    async () => {
      taken += 1;
      if (taken === 20) stop.abort(new Error('enough'));
    },
    { signal: stop.signal },
  );
  await expect(layer).rejects.toMatchObject({ name: 'AbortError' });
  expect(taken).toBeLessThan(30);
  expect(await descriptors()).toBe(before);
});

test('a failure of the thread or of who takes the layer ends it', async () => {
  const trees = await emptyTrees();
  await writeFile(join(trees.upper, 'file'), 'x');
  const missing = { lower: join(trees.lower, 'missing'), upper: trees.upper };
  await expect(writeLayer({ ...missing, compression: 'gzip' }, async () => undefined)).rejects.toThrow('missing');
  const full = async () => {
    throw new Error('no space');
  };
  await expect(writeLayer({ ...trees, compression: 'gzip' }, full)).rejects.toThrow('no space');
});

test('blocks have one size but the last, whatever they are made of', () => {
  const chunks = ['', 'a', 'bcdefghij', 'k', 'lmnop'].map((text) => Buffer.from(text));
  expect([...inBlocks(chunks, 4)].map(String)).toEqual(['abcd', 'efgh', 'ijkl', 'mnop']);
  expect([...inBlocks(chunks, 5)].map(String)).toEqual(['abcde', 'fghij', 'klmno', 'p']);
  expect([...inBlocks([], 4)]).toEqual([]);
});
