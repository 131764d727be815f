import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { sha256Of } from '../../base/digest.ts';
import { randomHex } from '../../base/ids.ts';
import { busyboxImage, type LayerEntry, writeArchive } from '../../scripts/busybox-image.ts';
import { bothDaemons } from '../helpers/both.ts';
import type { Side } from '../helpers/side.ts';

const { scenario } = bothDaemons();

const layer = [{ name: 'etc/issue', content: 'hello\n' }];

/** What became of an import: the error text, and the images that are there afterwards. */
interface Outcome {
  readonly error: string;
  readonly images: string;
}

/**
 * Imports an archive that is damaged in some way, into a namespace of its own: no earlier one has left there what this
 * one lacks.
 */
async function importDamaged(side: Side, bytes: Buffer | readonly LayerEntry[]): Promise<Outcome> {
  const path = join(side.daemon.folder, 'damaged.tar');
  const ctr = side.ctr.in(`damaged-${randomHex(4)}`);
  if (Buffer.isBuffer(bytes)) await writeFile(path, bytes);
  else await writeArchive(path, bytes);
  const error = await ctr.fails('images', 'import', path);
  expect(await ctr.ok('snapshots', 'ls')).not.toMatch(/Active/);
  return { error, images: await ctr.ok('images', 'ls', '-q') };
}

async function goodArchive({ daemon }: Side): Promise<Buffer> {
  const path = join(daemon.folder, 'good.tar');
  await writeArchive(path, await busyboxImage({ layers: [layer] }));
  return readFile(path);
}

/** The entries of a good image with one blob replaced by what `change` makes of it; its name stays. */
async function withChanged(
  which: (entry: LayerEntry) => boolean,
  change: (content: Buffer) => Buffer,
): Promise<LayerEntry[]> {
  const entries = await busyboxImage({ layers: [layer] });
  expect(entries.filter(which)).toHaveLength(1);
  return entries.map((entry) =>
    which(entry) ? { ...entry, content: change(Buffer.from(entry.content ?? '')) } : entry,
  );
}

const isSmallLayer = ({ name, content }: LayerEntry) =>
  name.startsWith('blobs/') && Buffer.isBuffer(content) && content[0] === 0x1f && content.length < 10_000;
const isManifest = ({ name, content }: LayerEntry) => name.startsWith('blobs/') && `${content}`.includes('"layers":[');

scenario('an archive that is none', async (side) => {
  const answers = [
    await importDamaged(side, Buffer.from('this is not a tar file'.repeat(100))),
    await importDamaged(side, Buffer.alloc(0)),
    await importDamaged(side, gzipSync('neither is this')),
  ];
  expect(answers.map(({ images }) => images)).toEqual(['', '', '']);
  return answers;
});

scenario('an archive that ends too early', async (side) => {
  const good = await goodArchive(side);
  const outcome = await importDamaged(side, good.subarray(0, Math.floor(good.length / 2)));
  expect(outcome.error).toContain('unexpected EOF');
  expect(outcome.images).toBe('');
  return outcome;
});

scenario('an archive without an index', async (side) => {
  const entries = (await busyboxImage()).filter(({ name }) => name !== 'index.json' && name !== 'oci-layout');
  const outcome = await importDamaged(side, entries);
  expect(outcome.images).toBe('');
  return outcome;
});

scenario('an archive with an index that is not JSON', async (side) => {
  const entries = (await busyboxImage()).map((entry) =>
    entry.name === 'index.json' ? { ...entry, content: '{"manifests": [' } : entry,
  );
  const outcome = await importDamaged(side, entries);
  expect(outcome.images).toBe('');
  return outcome;
});

scenario('a blob that has not the digest of its name', async (side) => {
  const entries = await withChanged(isManifest, (content) => Buffer.concat([content, Buffer.from(' ')]));
  const outcome = await importDamaged(side, entries);
  expect(outcome.images).toBe('');
  return outcome;
});

scenario('a manifest that is missing', async (side) => {
  const entries = (await busyboxImage()).filter((entry) => !isManifest(entry));
  const outcome = await importDamaged(side, entries);
  return outcome;
});

scenario('a layer that is missing', async (side) => {
  const entries = (await busyboxImage({ layers: [layer] })).filter((entry) => !isSmallLayer(entry));
  const outcome = await importDamaged(side, entries);
  expect(outcome.error).toContain('not found');
});

/** An image whose upper layer is other bytes, with a manifest that names them: only unpacking shows that they are bad. */
async function withLayer(bytes: Buffer): Promise<LayerEntry[]> {
  const entries = await busyboxImage({ layers: [layer] });
  const small = entries.find(isSmallLayer);
  const manifest = entries.find(isManifest);
  const index = entries.find(({ name }) => name === 'index.json');
  if (small === undefined || manifest === undefined || index === undefined) throw new Error('not the image expected');
  const smallDigest = small.name.replaceAll('/', ':').replace('blobs:', '');
  const size = new RegExp(`("digest":"${smallDigest}","size":)\\d+`);
  const manifestText = `${manifest.content}`.replace(size, `$1${bytes.length}`).replace(smallDigest, sha256Of(bytes));
  const manifestDigest = manifest.name.replaceAll('/', ':').replace('blobs:', '');
  const indexText = `${index.content}`
    .replace(manifestDigest, sha256Of(manifestText))
    .replace(/"size":\d+/, `"size":${Buffer.byteLength(manifestText)}`);
  const blobName = (digest: string) => `blobs/${digest.replace(':', '/')}`;
  return [
    ...entries.filter((entry) => ![small, manifest, index].includes(entry)),
    { name: blobName(sha256Of(bytes)), content: bytes },
    { name: blobName(sha256Of(manifestText)), content: manifestText },
    { name: 'index.json', content: indexText },
  ];
}

scenario('a layer that is not what the configuration says', async (side) => {
  const outcome = await importDamaged(side, await withLayer(gzipSync('not a tar file'.repeat(100))));
  expect(outcome.error).toContain('failed to extract layer');
});

scenario('a layer whose compression is damaged', async (side) => {
  const bytes = gzipSync(Buffer.alloc(100_000, 'x'));
  bytes.fill(0xff, 40, 60);
  const outcome = await importDamaged(side, await withLayer(bytes));
  expect(outcome.error).toContain('failed to extract layer');
});
