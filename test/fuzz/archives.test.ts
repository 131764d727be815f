import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { exportArchive } from '../../archive/export.ts';
import { importArchive } from '../../archive/import.ts';
import { protectImage } from '../../archive/protect.ts';
import { GantryError } from '../../base/errors.ts';
import { Converter } from '../../client/convert/converter.ts';
import { type LayerEntry, tarOf } from '../../scripts/busybox-image.ts';
import { layoutEntries } from '../helpers/layout.ts';
import { MemoryContent } from '../helpers/memory-content.ts';
import { ociImage, ociIndex } from '../helpers/oci-image.ts';
import type { Random } from '../helpers/random.ts';
import { anyText, property } from './fuzz.ts';

const deadlineMs = 10_000;
const blockBytes = 512;

const image = (architecture: string, compression: 'gzip' | 'none') =>
  ociImage({ layers: [Buffer.alloc(3_000, architecture)], architecture, compression });
const first = image('amd64', 'gzip');
const index = ociIndex([
  { image: first, architecture: 'amd64' },
  { image: image('arm64', 'none'), architecture: 'arm64' },
]);
const layout = layoutEntries([
  { image: index, name: 'docker.io/library/a:1' },
  { image: first, ref: 'v1' },
]);
const saved: LayerEntry[] = [
  { name: 'a/layer.tar', content: Buffer.alloc(2_000, 'a') },
  { name: 'b/layer.tar', symlink: '../a/layer.tar' },
  { name: 'c.json', content: '{"architecture":"amd64","os":"linux","rootfs":{"diff_ids":[]}}' },
  { name: 'manifest.json', content: '[{"Config":"c.json","RepoTags":["a:1"],"Layers":["a/layer.tar","b/layer.tar"]}]' },
];

/** The kinds that a bad archive may be refused with; any other is a fault of ours. */
const refusals = new Set(['invalid-argument', 'failed-precondition', 'not-found', 'resource-exhausted', 'data-loss']);

/** What comes of an archive; whatever is imported with all its parts can be exported and converted. */
async function useArchive(bytes: Buffer, random: Random): Promise<void> {
  const store = new MemoryContent();
  const pieceBytes = 1 + random.below(5_000);
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  };
  const { manifests } = await importArchive(store, pieces(), { compress: random.below(2) === 0 });
  for (const target of manifests) {
    await protectImage(store, target, { platforms: 'all' });
    await buffer(exportArchive(store, [{ name: 'a:1', target }], { allPlatforms: true }));
    await new Converter(store, { platforms: 'all', oci: true, compression: 'none' }).convert({ ...target });
  }
}

async function holds(bytes: Buffer, random: Random): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('it hangs')), deadlineMs);
  try {
    await Promise.race([useArchive(bytes, random), late.promise]);
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    if (!refusals.has(error.kind)) throw new Error(`refused as ${error.kind}`, { cause: error });
    expect(error.message).not.toMatch(/undefined|\[object|cannot read|is not a function|is not iterable/i);
  } finally {
    clearTimeout(timer);
  }
}

/** Makes a header's checksum right again, so that what is wrong with it is read. */
function sealed(header: Buffer): void {
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

function damaged(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length);
  const block = at - (at % blockBytes);
  const end = Math.min(bytes.length, at + 1 + random.below(4_000));
  const copy = Buffer.from(bytes);
  switch (random.below(6)) {
    case 0:
      return copy.subarray(0, at);
    case 1:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(end)]);
    case 2:
      return Buffer.concat([copy.subarray(0, end), copy.subarray(block)]);
    case 3:
      copy[at] = random.below(256);
      return copy;
    default:
      for (let changes = random.below(4); changes >= 0; changes -= 1) {
        copy[Math.min(block + random.below(345), copy.length - 1)] = random.pick([
          0, 0x20, 0x30, 0x37, 0x78, 0x80, 0xff,
        ]);
      }
      if (block + blockBytes <= copy.length) sealed(copy.subarray(block, block + blockBytes));
      return copy;
  }
}

const values: readonly unknown[] = [
  null,
  0,
  -1,
  1e300,
  2 ** 53,
  '',
  'x',
  [],
  {},
  [null],
  true,
  'sha256:',
  '../..',
  '__proto__',
];

/** A document with something in it replaced, removed or added. */
function changed(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.below(8) === 0) return random.pick(values);
  const key = random.pick(Object.keys(value));
  if (key === undefined || random.below(10) === 0) return { ...value, [anyText(random)]: random.pick(values) };
  const fields = value as Record<string, unknown>;
  const isGone = random.below(6) === 0;
  if (Array.isArray(value)) {
    const copy: unknown[] = [...value];
    copy.splice(Number(key), 1, ...(isGone ? [] : [changed(value[Number(key)], random)]));
    return random.below(6) === 0 ? [...copy, ...value] : copy;
  }
  const { [key]: old, ...rest } = fields;
  return isGone ? rest : { ...rest, [key]: changed(old, random) };
}

describe('archives', () => {
  property('bytes that are damaged anywhere are refused for a reason, or are as good', async (random) => {
    let bytes = await tarOf(random.pick([layout, saved]));
    for (let times = random.below(3); times >= 0; times -= 1) bytes = damaged(bytes, random);
    await holds(random.pick([(plain: Buffer) => plain, gzipSync, zstdCompressSync])(bytes), random);
  });

  property('compressed archives that are damaged, too', async (random) => {
    const bytes = random.pick([gzipSync, zstdCompressSync])(await tarOf(random.pick([layout, saved])));
    await holds(damaged(bytes, random), random);
  });

  property('documents that say anything are refused for a reason, or are as good', async (random) => {
    const entries = random.pick([layout, saved]).map((entry) => {
      if (!entry.name.endsWith('.json') || random.below(2) === 0) return entry;
      return { ...entry, content: JSON.stringify(changed(JSON.parse(String(entry.content)), random)) };
    });
    await holds(await tarOf(entries), random);
  });

  property('manifests that say anything are refused for a reason, or are as good', async (random) => {
    const blobs = [...index.blobs.values()].map((bytes) => {
      const isDocument = bytes[0] === 0x7b && random.below(2) === 0;
      return isDocument ? Buffer.from(JSON.stringify(changed(JSON.parse(String(bytes)), random))) : bytes;
    });
    const store = new MemoryContent();
    for (const bytes of blobs) store.put(bytes);
    const root = blobs.at(-1) ?? Buffer.alloc(0);
    const listed = { ...index.root, digest: store.put(root), size: root.length };
    const made = { root: listed, blobs: new Map([...store.blobs].map(([digest, { bytes }]) => [digest, bytes])) };
    const all = { root: listed, blobs: new Map([...index.blobs, ...made.blobs]) };
    await holds(await tarOf(layoutEntries([{ image: all, name: 'a:1' }])), random);
  });
});
