import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect } from 'vitest';
import { busyboxImage, type LayerEntry, writeArchive } from '../../scripts/busybox-image.ts';
import { bothDaemons } from '../helpers/both.ts';
import { Gantry } from '../helpers/gantry.ts';
import type { Side } from '../helpers/side.ts';

const { scenario } = bothDaemons();

const name = 'docker.io/library/imported:v1';
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

/** Writes an archive of the entries and imports it. */
async function importEntries(side: Side, entries: readonly LayerEntry[], ...flags: string[]) {
  const path = join(side.daemon.folder, 'archive.tar');
  await writeArchive(path, entries);
  return new Gantry(side).try(['import', ...flags, path]);
}

const without = (entries: readonly LayerEntry[], path: string) => entries.filter((entry) => entry.name !== path);

function replaced(entries: readonly LayerEntry[], path: string, content: Buffer | string): LayerEntry[] {
  return entries.map((entry) => (entry.name === path ? { name: path, content } : entry));
}

/** No image, ingest or lease, and after a collection, which gantryd does not make yet, no content either. */
async function expectNothing(side: Side): Promise<void> {
  expect(await new Gantry(side).json('images')).toEqual([]);
  expect(await side.ctr.ok('content', 'active')).not.toContain('gantry');
  expect(await side.ctr.ok('leases', 'ls', '-q')).toBe('');
  if (side.kind === 'gantryd') return;
  await side.ctr.ok('leases', 'create', '--id', 'collect');
  await side.ctr.ok('leases', 'rm', '--sync', 'collect');
  expect(await side.ctr.ok('content', 'ls', '-q')).toBe('');
}

async function removeAll(side: Side): Promise<void> {
  const gantry = new Gantry(side);
  const images = await gantry.json<{ name: string }[]>('images');
  if (images.length > 0) await gantry.ok('rmi', ...images.map((image) => image.name));
}

scenario('import makes an image that ctr finds in order, and rmi takes it away', async (side) => {
  const gantry = new Gantry(side);
  expect(await importEntries(side, await busyboxImage({ name }))).toEqual({ stdout: `${name}\n`, stderr: '', code: 0 });
  expect(await side.ctr.ok('images', 'check')).toMatch(/imported:v1 .* complete \(2\/2\) .* true/);
  const [image] = await gantry.json<{ name: string; sizeBytes: number }[]>('images');
  expect(image).toMatchObject({ name, platform: expect.stringMatching(/^linux\//) });
  expect(await gantry.ok('images')).toMatch(/^imported:v1 +sha256:[0-9a-f]{64} +linux\/\S+ +1\.\d MiB/m);
  expect(await gantry.try(['run', '--rm', 'imported:v1', 'echo', 'hi'])).toMatchObject({ stdout: 'hi\n', code: 0 });
  expect(await gantry.ok('rmi', 'imported:v1')).toBe(`${name}\n`);
  await expectNothing(side);
});

scenario('an imported image survives a collection', async (side) => {
  await importEntries(side, await busyboxImage({ name, layers: [[{ name: 'extra', content: 'x' }]] }));
  await side.ctr.ok('leases', 'create', '--id', 'collect');
  await side.ctr.ok('leases', 'rm', '--sync', 'collect');
  expect(await new Gantry(side).try(['run', '--rm', 'imported:v1', 'cat', '/extra'])).toMatchObject({
    stdout: 'x',
    code: 0,
  });
  await removeAll(side);
});

scenario('import takes compressed archives, from a pipe too', async (side) => {
  const gantry = new Gantry(side);
  const path = join(side.daemon.folder, 'plain.tar');
  await writeArchive(path, await busyboxImage({ name }));
  for (const compress of [gzipSync, zstdCompressSync]) {
    expect(await gantry.try(['import', '-'], compress(readFileSync(path)))).toMatchObject({
      stdout: `${name}\n`,
      code: 0,
    });
    await removeAll(side);
  }
});

scenario('import names images as ctr does', async (side) => {
  const gantry = new Gantry(side);
  const entries = await busyboxImage({ name });
  const [layout, index, ...blobs] = entries;
  const annotated = (annotations: object) => {
    const document = JSON.parse(String(index?.content)) as { manifests: object[] };
    return {
      name: 'index.json',
      content: JSON.stringify({ ...document, manifests: document.manifests.map((each) => ({ ...each, annotations })) }),
    };
  };
  const names = [];
  for (const ref of ['v7', 'example.org/a/b:v8', 'name:tag']) {
    const archive = [layout as LayerEntry, annotated({ 'org.opencontainers.image.ref.name': ref }), ...blobs];
    const ours = await importEntries(side, archive);
    await removeAll(side);
    await side.ctr.ok('images', 'import', join(side.daemon.folder, 'archive.tar'));
    expect(ours.stdout).toBe(await side.ctr.ok('images', 'ls', '-q'));
    names.push(ours.stdout.replace(/\d{4}-\d\d-\d\d/, '<day>'));
    await removeAll(side);
  }
  const nameless = [layout as LayerEntry, annotated({}), ...blobs];
  expect(await importEntries(side, nameless)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('have no names'),
  });
  expect(await importEntries(side, nameless, '--name', 'mine')).toMatchObject({
    stdout: 'docker.io/library/mine:latest\n',
  });
  expect(await gantry.ok('rmi', 'mine')).toBe('docker.io/library/mine:latest\n');
  return names;
});

scenario('import reads what docker save writes, layers shared by links included', async (side) => {
  const blobs = (await busyboxImage()).filter((entry) => entry.name.startsWith('blobs/'));
  const [layer, config] = blobs as [LayerEntry, LayerEntry];
  const manifest = [
    { Config: 'config.json', RepoTags: ['saved', 'example.org/saved:v2'], Layers: ['a/layer.tar'] },
    { Config: 'config.json', RepoTags: ['linked:v1'], Layers: ['b/layer.tar'] },
  ];
  const { stdout, code } = await importEntries(side, [
    { name: 'a/layer.tar', content: layer.content ?? '' },
    { name: 'b/layer.tar', symlink: '../a/layer.tar' },
    { name: 'config.json', content: config.content ?? '' },
    { name: 'repositories', content: '{}' },
    { name: 'manifest.json', content: JSON.stringify(manifest) },
  ]);
  expect({ stdout, code }).toEqual({
    stdout: 'docker.io/library/saved:latest\nexample.org/saved:v2\ndocker.io/library/linked:v1\n',
    code: 0,
  });
  expect(await new Gantry(side).try(['run', '--rm', 'saved', 'echo', 'hi'])).toMatchObject({ stdout: 'hi\n' });
  await removeAll(side);
  await expectNothing(side);
});

/** An intact archive that shares neither manifest nor config nor top layer with any other. */
async function freshImage() {
  const salt = [{ name: 'salt', content: randomBytes(8).toString('hex') }];
  const entries = await busyboxImage({ name, layers: [salt] });
  const [, layer, config, manifest] = entries.flatMap(({ name: path }) => (path.startsWith('blobs/') ? [path] : []));
  if (layer === undefined || config === undefined || manifest === undefined) throw new Error('blobs are missing');
  return { entries, layer, config, manifest };
}

type Fresh = Awaited<ReturnType<typeof freshImage>>;

const textOf = ({ entries }: Fresh, path: string) => String(entries.find((entry) => entry.name === path)?.content);

/** The archive with something else said about its only image. */
function retargeted(image: Fresh, target: object): LayerEntry[] {
  const index = JSON.parse(textOf(image, 'index.json')) as { manifests: object[] };
  return replaced(
    image.entries,
    'index.json',
    JSON.stringify({ ...index, manifests: [{ ...index.manifests[0], ...target }] }),
  );
}

function ambiguous(image: Fresh): LayerEntry[] {
  const content = JSON.stringify({ ...JSON.parse(textOf(image, image.manifest)), manifests: [] });
  const target = { digest: `sha256:${sha256(content)}`, size: content.length };
  return [...retargeted(image, target), { name: `blobs/sha256/${sha256(content)}`, content }];
}

const brokenArchives: readonly (readonly [RegExp, (image: Fresh) => LayerEntry[]])[] = [
  [/blob sha256:\w+, which manifest sha256:\w+ refers to, is missing/, ({ entries, layer }) => without(entries, layer)],
  [
    /blob sha256:\w+, which manifest sha256:\w+ refers to, is missing/,
    ({ entries, config }) => without(entries, config),
  ],
  [/which the archive refers to, is missing/, ({ entries, manifest }) => without(entries, manifest)],
  [/index\.json is missing/, ({ entries }) => without(entries, 'index.json')],
  [/neither an OCI layout nor a docker archive/, ({ entries }) => without(entries, 'oci-layout')],
  [
    /archive: blobs\/sha256\/\w+: .*unexpected commit digest/,
    ({ entries, layer }) => replaced(entries, layer, 'other bytes'),
  ],
  [/index\.json: it is not JSON/, ({ entries }) => replaced(entries, 'index.json', '{')],
  [/has size -1/, (image) => retargeted(image, { size: -1 })],
  [/has digest/, (image) => retargeted(image, { digest: '../../../etc' })],
  [/both an index and a manifest/, ambiguous],
  [/version "9" is not supported/, ({ entries }) => replaced(entries, 'oci-layout', '{"imageLayoutVersion":"9"}')],
  [/oci-layout is larger than/, ({ entries }) => replaced(entries, 'oci-layout', ' '.repeat(9 << 20))],
  [/index\.json is larger than/, ({ entries }) => replaced(entries, 'index.json', ' '.repeat(9 << 20))],
  [/archive: x is missing/, () => [{ name: 'manifest.json', content: '[{"Config":"x","Layers":["y"]}]' }]],
  [/without Config/, () => [{ name: 'manifest.json', content: '[{"Layers":1}]' }]],
];

scenario('a broken archive is refused with what is wrong, and leaves nothing', async (side) => {
  for (const [message, breakIt] of brokenArchives) {
    const { stderr, code, stdout } = await importEntries(side, breakIt(await freshImage()));
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^gantry: [^\n]*\n$/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  }
  await expectNothing(side);
});

scenario('what is no archive is refused', async (side) => {
  const gantry = new Gantry(side);
  const path = join(side.daemon.folder, 'whole.tar');
  await writeArchive(path, await busyboxImage({ name }));
  const whole = readFileSync(path);
  const inputs: [Buffer, RegExp][] = [
    [whole.subarray(0, whole.length / 2), /archive: Unexpected end of data/],
    [gzipSync(whole).subarray(0, 100_000), /archive: unexpected end of file/],
    [Buffer.alloc(0), /neither an OCI layout/],
    [Buffer.alloc(100_000, 'x'), /archive: Invalid tar header/],
    [Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(1000, 'x')]), /archive: /],
  ];
  for (const [input, message] of inputs) {
    const { stderr, code } = await gantry.try(['import', '-'], input);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
  }
  expect(await gantry.try(['import', '/no/such/file'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no such file'),
  });
  expect(await gantry.try(['import', '/tmp'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is a directory'),
  });
  await expectNothing(side);
});

scenario('import keeps the terminal out of names', async (side) => {
  const { stdout } = await importEntries(side, await busyboxImage({ name: 'x\u001b[2Jy:v1' }));
  expect(stdout).toBe('x?[2Jy:v1\n');
  const gantry = new Gantry(side);
  expect(await gantry.ok('images')).not.toContain('\u001b');
  expect(await gantry.try(['rmi', 'x\u001b[2Jy:v1'])).toMatchObject({ code: 0 });
  writeFileSync(join(side.daemon.folder, 'archive.tar'), '');
});
