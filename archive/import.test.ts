import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { describe, ociTypes, putImage, putIndex } from '../test/helpers/image-content.ts';
import { MemoryContent } from '../test/helpers/memory-content.ts';
import { type ExportOptions, exportArchive } from './export.ts';
import { type ImportOptions, importArchive } from './import.ts';
import { protectImage } from './protect.ts';

type Member = readonly [path: string | (Partial<Header> & { name: string }), content?: Buffer | string];

async function tarOf(members: readonly Member[]): Promise<Buffer> {
  const archive = pack();
  for (const [path, content] of members) archive.entry(typeof path === 'string' ? { name: path } : path, content ?? '');
  archive.finalize();
  return buffer(archive);
}

/** Bytes as they come out of a pipe, in pieces of odd sizes. */
async function* pieces(bytes: Buffer, pieceBytes = 7_001): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) yield bytes.subarray(offset, offset + pieceBytes);
}

async function imported(bytes: Buffer, options?: ImportOptions, store = new MemoryContent()) {
  return { store, ...(await importArchive(store, pieces(bytes), options)) };
}

const sha256 = (bytes: Buffer | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const config = JSON.stringify({ os: 'linux', architecture: 'amd64', variant: 'v1', rootfs: {} });
const layout: Member = ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'];

const saved = (...images: object[]): Member => ['manifest.json', JSON.stringify(images)];

async function exportedArchive(options: ExportOptions = {}): Promise<{ bytes: Buffer; digests: string[] }> {
  const store = new MemoryContent();
  const images = ['linux/amd64', 'linux/arm64'].map((platform) => putImage(store, platform, [{ bytes: platform }]));
  const target = putIndex(store, images);
  const named = [{ name: 'docker.io/library/a:v1', target }];
  return {
    bytes: await buffer(exportArchive(store, named, { allPlatforms: true, ...options })),
    digests: [...store.blobs.keys()],
  };
}

test('what was exported is imported as it was, plain or compressed', async () => {
  const { bytes, digests } = await exportedArchive();
  for (const form of [bytes, gzipSync(bytes), zstdCompressSync(bytes)]) {
    const { store, target, manifests } = await imported(form);
    expect([...store.blobs.keys()].sort()).toEqual([...digests, target.digest].sort());
    expect(target).toMatchObject({ mediaType: ociTypes.index, digest: sha256(store.bytesOf(target.digest)) });
    expect(manifests).toMatchObject([
      {
        mediaType: ociTypes.index,
        annotations: {
          'io.containerd.image.name': 'docker.io/library/a:v1',
          'org.opencontainers.image.ref.name': 'v1',
        },
      },
    ]);
    for (const manifest of manifests) await protectImage(store, manifest, { platforms: 'all' });
  }
});

test('documents and blobs may come in any order', async () => {
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, layers: [] }));
  const listed = { mediaType: ociTypes.manifest, digest: sha256(manifest), size: manifest.length };
  const members: Member[] = [
    layout,
    ['./index.json', JSON.stringify({ schemaVersion: 2, manifests: [listed] })],
    [`blobs/${sha256(manifest).replace(':', '/')}`, manifest],
    [{ name: 'blobs', type: 'directory' }],
  ];
  for (const order of [members, members.toReversed()]) {
    expect((await imported(await tarOf(order))).manifests).toEqual([listed]);
  }
});

test("docker's archive becomes, to the byte, what containerd makes of it", async () => {
  const { store, target, manifests } = await imported(
    await tarOf([
      ['c.json', config],
      ['a/layer.tar', 'plain'],
      ['b/layer.tar', gzipSync('zipped')],
      saved({ Config: 'c.json', RepoTags: ['a', 'example.org/b:v2'], Layers: ['a/layer.tar', 'b/layer.tar'] }),
    ]),
  );
  const layers = [Buffer.from('plain'), gzipSync('zipped')];
  const manifest =
    `{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",` +
    `"config":{"mediaType":"application/vnd.docker.container.image.v1+json","digest":"${sha256(config)}","size":${config.length}},` +
    `"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar","digest":"${sha256('plain')}","size":5},` +
    `{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","digest":"${sha256(layers[1] ?? '')}","size":${layers[1]?.length}}]}`;
  const entry = (name: string, tag: string) =>
    `{"mediaType":"application/vnd.docker.distribution.manifest.v2+json","digest":"${sha256(manifest)}","size":${manifest.length},` +
    `"annotations":{"io.containerd.image.name":"${name}","org.opencontainers.image.ref.name":"${tag}"},` +
    `"platform":{"architecture":"amd64","os":"linux"}}`;
  expect(String(store.bytesOf(target.digest))).toBe(
    `{"schemaVersion":2,"manifests":[${entry('docker.io/library/a:latest', 'latest')},${entry('example.org/b:v2', 'v2')}]}`,
  );
  expect(String(store.bytesOf(sha256(manifest)))).toBe(manifest);
  expect(manifests).toHaveLength(2);
});

test('an image without tags is imported without a name', async () => {
  const { manifests } = await imported(
    await tarOf([['c', config], saved({ Config: 'c', RepoTags: null, Layers: [] })]),
  );
  expect(manifests).toMatchObject([{ platform: { os: 'linux', architecture: 'amd64' } }]);
  expect(manifests[0]).not.toHaveProperty('annotations');
});

test('layers may be shared by symbolic and hard links, or be listed twice', async () => {
  const { store, manifests } = await imported(
    await tarOf([
      [{ name: 'b/layer.tar', type: 'symlink', linkname: '../a/layer.tar' }],
      [{ name: 'c/layer.tar', type: 'link', linkname: 'b/layer.tar' }],
      ['a/layer.tar', 'shared'],
      ['config', config],
      saved({ Config: './config', Layers: ['a/layer.tar', 'b/layer.tar', 'c/layer.tar', 'a/layer.tar'] }),
    ]),
  );
  const { layers } = JSON.parse(String(store.bytesOf(manifests[0]?.digest ?? '')));
  expect(layers.map(({ digest }: { digest: string }) => digest)).toEqual(Array(4).fill(sha256('shared')));
});

test('plain layers are compressed on demand, once each', async () => {
  const archive = await tarOf([
    ['c', config],
    ['l', 'plain'.repeat(1_000)],
    ['z', gzipSync('zipped')],
    saved({ Config: 'c', Layers: ['l', 'z', 'l'] }),
  ]);
  const { store, manifests } = await imported(archive, { compress: true });
  const { layers } = JSON.parse(String(store.bytesOf(manifests[0]?.digest ?? '')));
  const [first, second, third] = layers as { digest: string; size: number; mediaType: string }[];
  expect(first?.mediaType).toBe('application/vnd.docker.image.rootfs.diff.tar.gzip');
  expect(String(gunzipSync(store.bytesOf(first?.digest ?? '')))).toBe('plain'.repeat(1_000));
  expect((await store.info(first?.digest ?? '')).labels).toEqual({
    'containerd.io/uncompressed': sha256('plain'.repeat(1_000)),
  });
  expect(second?.digest).toBe(sha256(gzipSync('zipped')));
  expect(third).toEqual(first);
});

test('a layer that is there in its compressed form is taken in that form', async () => {
  const store = new MemoryContent();
  const zipped = gzipSync('plain');
  await store.setLabels(store.put(zipped), { 'containerd.io/uncompressed': sha256('plain') });
  const archive = await tarOf([['c', config], ['l', 'plain'], saved({ Config: 'c', Layers: ['l'] })]);
  const { manifests } = await imported(archive, {}, store);
  expect(JSON.parse(String(store.bytesOf(manifests[0]?.digest ?? ''))).layers).toEqual([
    { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', digest: sha256(zipped), size: zipped.length },
  ]);
});

const blob = (name: string, content: string): Member => [`blobs/sha256/${name}`, content];
const hostile: Record<string, [RegExp, readonly Member[]]> = {
  'neither format': [/neither an OCI layout nor a docker archive/, [['x', '']]],
  'wrong digest': [/archive: blobs\/sha256\/0+: unexpected commit digest/, [blob('0'.repeat(64), 'x')]],
  'no index': [/index\.json is missing/, [layout]],
  'index that is none': [/index\.json: it is both/, [layout, ['index.json', '{"manifests":[],"layers":[]}']]],
  'other version': [/version "2" is not supported/, [['oci-layout', '{"imageLayoutVersion":"2"}']]],
  'layout that is null': [/version null is not supported/, [['oci-layout', 'null']]],
  'two different indexes': [
    /index\.json is in it twice/,
    [layout, ['index.json', '{"manifests":[]}'], ['./index.json', '{}']],
  ],
  'two different files': [/a\/b is in it twice/, [['a/b', '1'], ['a//b', '2'], saved()]],
  'large document': [/manifest\.json is larger than 8388608 bytes/, [['manifest.json', ' '.repeat((8 << 20) + 1)]]],
  'large config': [/larger than 8388608 bytes/, [['c', ' '.repeat((8 << 20) + 1)], saved({ Config: 'c', Layers: [] })]],
  'config that is no JSON': [/is not JSON/, [['c', '{'], saved({ Config: 'c', Layers: [] })]],
  'missing layer': [/archive: l is missing/, [['c', config], saved({ Config: 'c', Layers: ['l'] })]],
  'links in a circle': [
    /archive: a is missing/,
    [
      [{ name: 'a', type: 'symlink', linkname: 'b' }],
      [{ name: 'b', type: 'symlink', linkname: 'a' }],
      saved({ Config: 'a', Layers: [] }),
    ],
  ],
  'path outside': [/\.\.\/\.\.\/etc\/passwd is missing/, [saved({ Config: '../../etc/passwd', Layers: [] })]],
  'bad tag': [/invalid reference "UPPER"/, [['c', config], saved({ Config: 'c', RepoTags: ['UPPER'], Layers: [] })]],
  'long path': [/a path is longer than 4096/, [['x/'.repeat(2_049)]]],
  'many layers': [/more than 1000 layers/, [saved({ Config: 'c', Layers: Array(1_001).fill('l') })]],
  'many names': [/more than 1000 names/, [saved({ Config: 'c', RepoTags: Array(1_001).fill('a'), Layers: [] })]],
  'no list': [/not a list of images/, [['manifest.json', '{}']]],
  'empty list': [/not a list of images/, [['manifest.json', '[]']]],
  'wrong types': [/without Config, Layers or RepoTags/, [['manifest.json', '[{"Config":"c","Layers":[1]}]']]],
};

for (const [what, [message, members]] of Object.entries(hostile)) {
  test(`refused: ${what}`, async () => {
    await expect(imported(await tarOf(members))).rejects.toThrow(message);
  });
}

/** A header that promises what the file does not have. */
async function header(name: string, size: number, type?: 'pax-header'): Promise<Buffer> {
  const whole = await tarOf([[{ name, ...(type === undefined ? {} : { type: type as 'file' }) }]]);
  const block = Buffer.from(whole.subarray(0, 512));
  block.write(`${size.toString(8).padStart(11, '0')} `, 124);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

async function* endless(start: Buffer): AsyncGenerator<Buffer> {
  yield start;
  for (let given = 0; given < 1 << 30; given += 1 << 20) yield Buffer.alloc(1 << 20, 'x');
}

test('an oci-layout of 1 GB is refused at its header', async () => {
  let readBytes = 0;
  const source = endless(await header('oci-layout', 1 << 30));
  const done = importArchive(new MemoryContent(), source, { onBytes: (bytes) => (readBytes = bytes) });
  await expect(done).rejects.toThrow(/oci-layout is larger than/);
  expect(readBytes).toBeLessThan(8 << 20);
});

test('an extended header of 1 GB is refused at its start', async () => {
  let readBytes = 0;
  const source = endless(await header('x', 1 << 30, 'pax-header'));
  const done = importArchive(new MemoryContent(), source, { onBytes: (bytes) => (readBytes = bytes) });
  await expect(done).rejects.toThrow(/archive: /);
  expect(readBytes).toBeLessThan(16 << 20);
});

test('an archive cut anywhere is refused', async () => {
  const { bytes } = await exportedArchive({ skipCompatibilityManifest: true });
  // The last two blocks only mark the end.
  for (let end = 0; end < bytes.length - 1024; end += 256) {
    await expect(imported(bytes.subarray(0, end))).rejects.toMatchObject({ kind: 'invalid-argument' });
  }
});

test('cancellation ends the import while the source is silent', async () => {
  const controller = new AbortController();
  const silent = (async function* () {
    yield (await exportedArchive()).bytes.subarray(0, 1000);
    queueMicrotask(() => controller.abort());
    await new Promise(() => undefined);
  })();
  await expect(importArchive(new MemoryContent(), silent, { signal: controller.signal })).rejects.toMatchObject({
    kind: 'canceled',
  });
});

test('protectImage labels what is there and names what is missing', async () => {
  const store = new MemoryContent();
  const [amd, arm] = ['linux/amd64', 'linux/s390x'].map((platform) => putImage(store, platform, [{ bytes: platform }]));
  const target = putIndex(
    store,
    [amd, arm].filter((each) => each !== undefined),
  );
  const platforms = [{ os: 'linux', architecture: 'amd64' }];
  store.blobs.delete(sha256('linux/s390x'));
  await protectImage(store, target, { platforms });
  expect((await store.info(target.digest)).labels).toEqual({
    'containerd.io/gc.ref.content.m.0': amd?.digest,
    'containerd.io/gc.ref.content.m.1': arm?.digest,
  });
  expect((await store.info(amd?.digest ?? '')).labels).toMatchObject({
    'containerd.io/gc.ref.content.l.0': sha256('linux/amd64'),
  });
  await expect(protectImage(store, target, { platforms: 'all' })).rejects.toMatchObject({
    kind: 'not-found',
    message: `blob ${sha256('linux/s390x')}, which manifest ${arm?.digest} refers to, is missing`,
  });
});

test('protectImage walks indexes that refer to each other often once, and not too many', async () => {
  const store = new MemoryContent();
  let top = putIndex(store, [putImage(store, 'linux/amd64', [])]);
  for (let depth = 0; depth < 30; depth += 1) top = putIndex(store, [top, top]);
  await protectImage(store, top, { platforms: 'all' });
  const wide = Array.from({ length: 40 }, (_, n) =>
    putIndex(
      store,
      Array.from({ length: 40 }, (_, m) => describe(store, ociTypes.manifest, `{"layers":[],"n":${n},"m":${m}}`)),
    ),
  );
  await expect(protectImage(store, putIndex(store, wide))).rejects.toMatchObject({ kind: 'resource-exhausted' });
});

test('protectImage refuses parts of another size, and a large config', async () => {
  const store = new MemoryContent();
  const layer = describe(store, ociTypes.layer, 'layer');
  const small = describe(store, ociTypes.config, config);
  const manifestOf = (value: object) => describe(store, ociTypes.manifest, { schemaVersion: 2, ...value });
  const wrong = manifestOf({ config: small, layers: [{ ...layer, size: 6 }] });
  await expect(protectImage(store, wrong)).rejects.toThrow(/has 5 bytes, not 6/);
  const large = manifestOf({ config: { ...small, size: 9 << 20 }, layers: [] });
  await expect(protectImage(store, large)).rejects.toThrow(/config is larger than 8388608/);
});
