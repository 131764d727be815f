import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Compression } from '../../archive/compression.ts';
import type { Descriptor } from '../../image/manifest.ts';
import {
  describe,
  dockerTypes,
  type LayerInit,
  ociTypes,
  putImage,
  putIndex,
} from '../../test/helpers/image-content.ts';
import { MemoryContent } from '../../test/helpers/memory-content.ts';
import { type Conversion, Converter } from './converter.ts';
import { mergeIndex } from './merge.ts';

const plain = Buffer.from('layer '.repeat(10_000));
const sha256 = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const diffId = sha256(plain);
const json = (store: MemoryContent, { digest }: Descriptor) => JSON.parse(String(store.bytesOf(digest)));

function convert(store: MemoryContent, from: Descriptor, conversion: Partial<Conversion>) {
  return new Converter(store, { platforms: 'all', ...conversion }).convert({ ...from });
}

const gzipped: LayerInit = { bytes: gzipSync(plain), mediaType: `${ociTypes.layer}+gzip`, diffId };
const zstd: LayerInit = { bytes: zstdCompressSync(plain), mediaType: `${ociTypes.layer}+zstd`, diffId };
const expand: Readonly<Record<Compression, (bytes: Buffer) => Buffer>> = {
  none: (bytes) => bytes,
  gzip: gunzipSync,
  zstd: zstdDecompressSync,
};

for (const layer of [{ bytes: plain }, gzipped, zstd]) {
  for (const [compression, suffix] of [
    ['none', ''],
    ['gzip', '+gzip'],
    ['zstd', '+zstd'],
  ] as const) {
    test(`${layer.mediaType ?? ociTypes.layer} to ${compression}`, async () => {
      const store = new MemoryContent();
      const made = await convert(store, putImage(store, 'linux/amd64', [layer]), { compression });
      const [converted] = json(store, made).layers;
      const bytes = store.bytesOf(converted.digest);
      expect(converted).toEqual({ mediaType: ociTypes.layer + suffix, digest: sha256(bytes), size: bytes.length });
      expect(expand[compression](bytes)).toEqual(plain);
      const isNew = compression !== 'none' && suffix !== layer.mediaType?.slice(ociTypes.layer.length);
      expect((await store.info(converted.digest)).labels).toEqual(
        isNew ? { 'containerd.io/uncompressed': diffId } : {},
      );
    });
  }
}

test('what is as wanted stays what it is', async () => {
  const store = new MemoryContent();
  const target = putIndex(store, [putImage(store, 'linux/amd64', [gzipped])]);
  const before = new Set(store.blobs.keys());
  expect(await convert(store, target, { compression: 'gzip', oci: true })).toEqual(target);
  expect(new Set(store.blobs.keys())).toEqual(before);
});

test('a layer whose media type lies gets the right one', async () => {
  const store = new MemoryContent();
  const made = await convert(store, putImage(store, 'linux/amd64', [{ ...gzipped, mediaType: ociTypes.layer }]), {
    compression: 'gzip',
  });
  expect(json(store, made).layers[0]).toMatchObject({
    mediaType: `${ociTypes.layer}+gzip`,
    digest: sha256(gzipSync(plain)),
  });
});

test("Docker's media types become OCI's all the way down, fields in between stay", async () => {
  const store = new MemoryContent();
  const image = putImage(store, 'linux/amd64', [{ bytes: plain }], dockerTypes);
  const manifest = describe(store, dockerTypes.manifest, {
    ...json(store, image),
    annotations: { z: '<', a: '&' },
    'x.own': [1],
  });
  const listed = { ...manifest, platform: { variant: 'v2', os: 'linux', 'os.version': '10', architecture: 'amd64' } };
  const made = await convert(store, putIndex(store, [listed], dockerTypes), { oci: true });
  expect(made.mediaType).toBe(ociTypes.index);
  const index = String(store.bytesOf(made.digest));
  expect(index).toMatch(
    /^\{"schemaVersion":2,"mediaType":"application\/vnd\.oci\.image\.index\.v1\+json","manifests":\[\{"mediaType":"application\/vnd\.oci\.image\.manifest\.v1\+json","digest":"sha256:[0-9a-f]{64}","size":\d+,"platform":\{"architecture":"amd64","os":"linux","os.version":"10","variant":"v2"\}\}\]\}$/,
  );
  const text = String(store.bytesOf(json(store, made).manifests[0].digest));
  expect(text).toMatch(
    /^\{"schemaVersion":2,"mediaType":"application\/vnd\.oci\.image\.manifest\.v1\+json","config":\{"mediaType":"application\/vnd\.oci\.image\.config/,
  );
  expect(text).toContain('"annotations":{"a":"\\u0026","z":"\\u003c"},"x.own":[1]}');
  expect(text).not.toContain('docker');
});

test('an index keeps the platforms asked for', async () => {
  const store = new MemoryContent();
  const [amd, arm] = ['linux/amd64', 'linux/arm64'].map((platform) => putImage(store, platform, [{ bytes: platform }]));
  const target = putIndex(
    store,
    [amd, arm].filter((each) => each !== undefined),
  );
  // Not wanted, so it need not be there.
  store.blobs.delete(arm?.digest ?? '');
  const made = await convert(store, target, { platforms: [{ os: 'linux', architecture: 'amd64' }] });
  expect(json(store, made).manifests).toEqual([amd]);
  await expect(convert(store, target, { compression: 'none' })).rejects.toMatchObject({ kind: 'not-found' });
  await expect(convert(store, target, { platforms: [{ os: 'linux', architecture: 'riscv64' }] })).rejects.toMatchObject(
    {
      kind: 'not-found',
      message: `index ${target.digest}: no manifest for linux/riscv64; there is linux/amd64, linux/arm64`,
    },
  );
});

test('what is no layer of a root file system stays: encrypted, foreign, artifacts', async () => {
  const store = new MemoryContent();
  const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
  const layers = [
    { ...gzipped, mediaType: `${ociTypes.layer}+gzip+encrypted` },
    { bytes: gzipSync('foreign'), mediaType: foreign, diffId },
  ];
  const image = putImage(store, 'windows/amd64', layers);
  expect(await convert(store, image, { compression: 'none' })).toEqual(image);
  const artifact = describe(store, ociTypes.manifest, {
    schemaVersion: 2,
    config: describe(store, 'text/plain', '{}'),
    layers: [describe(store, `${ociTypes.layer}+gzip`, gzipSync('chart'))],
  });
  expect(await convert(store, artifact, { compression: 'none' })).toEqual(artifact);
});

test('a layer that is not what the config says is refused', async () => {
  for (const compression of ['none', 'zstd'] as const) {
    const store = new MemoryContent();
    const image = putImage(store, 'linux/amd64', [{ ...gzipped, bytes: gzipSync('other') }]);
    await expect(convert(store, image, { compression })).rejects.toThrow(
      new RegExp(`layer ${sha256(gzipSync('other'))}: `),
    );
  }
  const store = new MemoryContent();
  const image = putImage(store, 'linux/amd64', [{ ...gzipped, bytes: gzipSync(plain).subarray(0, 50) }]);
  await expect(convert(store, image, { compression: 'none' })).rejects.toThrow(/unexpected end of file/);
});

test('a layer that is listed twice is converted once', async () => {
  const store = new MemoryContent();
  const made = await convert(store, putImage(store, 'linux/amd64', [gzipped, gzipped]), { compression: 'zstd' });
  const [first, second] = json(store, made).layers;
  expect(second).toEqual(first);
});

test('an index that leads to one manifest on very many ways is converted in no time', async () => {
  const store = new MemoryContent();
  let top = putIndex(store, [putImage(store, 'linux/amd64', [gzipped])]);
  for (let depth = 0; depth < 30; depth += 1)
    top = putIndex(store, [top, { ...top, annotations: { own: `${depth}` } }]);
  const made = await convert(store, top, { compression: 'none' });
  const [first, second] = json(store, made).manifests;
  expect(second).toEqual({ ...first, annotations: { own: '29' } });
});

test('mergeIndex puts what is there of several images into one index', async () => {
  const store = new MemoryContent();
  const [amd, arm, gone, other] = ['linux/amd64', 'linux/arm64', 'linux/s390x', 'linux/riscv64'].map((platform) =>
    putImage(store, platform, [{ bytes: platform }]),
  );
  if (!amd || !arm || !gone || !other) throw new Error('no images');
  const first = { name: 'first', target: putIndex(store, [gone, amd]) };
  const { platform: _, ...bare } = arm;
  store.blobs.delete(gone.digest);
  const merged = await mergeIndex(store, [
    first,
    { name: 'second', target: bare },
    { name: 'third', target: putIndex(store, [amd, other]) },
  ]);
  expect(json(store, merged)).toEqual({ schemaVersion: 2, mediaType: ociTypes.index, manifests: [amd, arm, other] });
  const clash = putImage(store, 'linux/amd64', [{ bytes: 'another' }]);
  await expect(mergeIndex(store, [first, { name: 'clash', target: clash }])).rejects.toThrow(
    'images first and clash are both for linux/amd64',
  );
  const lost = { name: 'lost', target: putIndex(store, [gone]) };
  await expect(mergeIndex(store, [first, lost])).rejects.toThrow('image lost: no manifest of it is there');
});
