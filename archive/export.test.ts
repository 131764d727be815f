import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { formatPlatform, hostPlatform } from '../image/platform.ts';
import { describe, dockerTypes, ociTypes, putImage, putIndex } from '../test/helpers/image-content.ts';
import { MemoryContent } from '../test/helpers/memory-content.ts';
import { readTar } from '../test/helpers/tar.ts';
import { type ExportOptions, exportArchive, type NamedImage } from './export.ts';

const name = 'docker.io/library/a:v1';
const amd64 = { os: 'linux', architecture: 'amd64' };

async function exported(
  store: MemoryContent,
  images: readonly NamedImage[],
  options: ExportOptions = { platforms: [amd64] },
) {
  const bytes = await buffer(exportArchive(store, images, options));
  const members = await readTar(bytes);
  const json = (path: string) => JSON.parse(String(members.get(path) ?? 'null'));
  return { bytes, members, index: json('index.json'), docker: json('manifest.json') };
}

const blobPath = (digest: string) => `blobs/${digest.replace(':', '/')}`;

test('an archive has every blob once, in the order of paths, and documents that name them', async () => {
  const store = new MemoryContent();
  const target = putImage(store, 'linux/amd64', [{ bytes: 'one' }, { bytes: 'one' }, { bytes: '' }]);
  const { members, index, docker } = await exported(store, [{ name, target }]);
  const paths = [...members.keys()];
  expect(paths).toEqual([...paths].sort());
  expect(paths).toEqual([
    'blobs/',
    'blobs/sha256/',
    ...[...store.blobs.keys()].map(blobPath).sort(),
    'index.json',
    'manifest.json',
    'oci-layout',
  ]);
  for (const [digest, { bytes }] of store.blobs) expect(members.get(blobPath(digest))).toEqual(bytes);
  expect(index).toEqual({
    schemaVersion: 2,
    mediaType: ociTypes.index,
    manifests: [
      {
        mediaType: target.mediaType,
        digest: target.digest,
        size: target.size,
        annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': 'v1' },
      },
    ],
  });
  const [one, empty] = ['one', ''].map((text) => blobPath(store.put(text)));
  expect(docker).toMatchObject([{ RepoTags: ['a:v1'], Layers: [one, one, empty] }]);
});

test('the same images give the same bytes, and several share an archive', async () => {
  const store = new MemoryContent();
  const [first, second] = ['one', 'two'].map((bytes) =>
    putImage(store, 'linux/amd64', [{ bytes }, { bytes: 'shared' }]),
  );
  if (first === undefined || second === undefined) throw new Error('no images');
  const images = [
    { name, target: first },
    { name: 'docker.io/library/a:v2', target: first },
    { name: 'example.org/b@sha256:'.padEnd(86, '0'), target: second },
  ];
  const { bytes, index, docker } = await exported(store, images);
  expect((await exported(store, images)).bytes).toEqual(bytes);
  expect(index.manifests.map(({ digest }: { digest: string }) => digest)).toEqual(
    [first, first, second].map(({ digest }) => digest),
  );
  // Docker refuses archives with names that have no tag.
  expect(docker.map(({ RepoTags }: { RepoTags: unknown }) => RepoTags)).toEqual([['a:v1', 'a:v2'], null]);
});

test('of an index only what was asked for has to be there, and the index stays whole', async () => {
  const store = new MemoryContent();
  const here = putImage(store, 'linux/amd64', [{ bytes: 'here' }], dockerTypes);
  const absent = {
    ...describe(new MemoryContent(), dockerTypes.manifest, 'absent'),
    platform: { os: 'linux', architecture: 's390x' },
  };
  const target = putIndex(store, [absent, here], dockerTypes);
  const { members, docker } = await exported(store, [{ name, target }]);
  expect(members.has(blobPath(target.digest))).toBe(true);
  expect(members.has(blobPath(here.digest))).toBe(true);
  expect(docker).toHaveLength(1);
  await expect(exported(store, [{ name, target }], { allPlatforms: true })).rejects.toMatchObject({
    kind: 'not-found',
    message: expect.stringContaining(absent.digest),
  });
  await expect(
    exported(store, [{ name, target }], { platforms: [{ os: 'linux', architecture: 'arm64' }] }),
  ).rejects.toMatchObject({
    kind: 'not-found',
    message: `image ${name}: no manifest found for platform linux/arm64; there is linux/s390x, linux/amd64`,
  });
});

test('without platforms it is that of this machine', async () => {
  const store = new MemoryContent();
  const [here, other] = [formatPlatform(hostPlatform()), 'linux/mips'].map((platform) =>
    putImage(store, platform, [{ bytes: platform }]),
  );
  const target = putIndex(
    store,
    [other, here].filter((each) => each !== undefined),
  );
  for (const options of [{}, { platforms: [] }]) {
    const { members } = await exported(store, [{ name, target }], options);
    expect(members.has(blobPath(here?.digest ?? ''))).toBe(true);
    expect(members.has(blobPath(other?.digest ?? ''))).toBe(false);
  }
});

test('all platforms go in, Docker gets the one asked for first', async () => {
  const store = new MemoryContent();
  const [arm, amd] = ['linux/arm64', 'linux/amd64'].map((platform) => putImage(store, platform, [{ bytes: platform }]));
  const target = putIndex(
    store,
    [arm, amd].filter((each) => each !== undefined),
  );
  const all = await exported(store, [{ name, target }], { platforms: [amd64], allPlatforms: true });
  expect(all.members.size).toBe(store.blobs.size + 5);
  expect(all.docker).toMatchObject([{ Layers: [blobPath(store.put('linux/amd64'))] }]);
  const both = [{ os: 'linux', architecture: 'arm64' }, amd64];
  expect((await exported(store, [{ name, target }], { platforms: both })).docker).toMatchObject([
    { Layers: [blobPath(store.put('linux/arm64'))] },
  ]);
});

test('what is not wanted is left out', async () => {
  const store = new MemoryContent();
  const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
  const target = putImage(store, 'linux/amd64', [{ bytes: 'base', mediaType: foreign }, { bytes: 'own' }]);
  const options = { skipNonDistributable: true, skipCompatibilityManifest: true };
  const { members } = await exported(store, [{ name, target }], options);
  expect(members.has(blobPath(store.put('base')))).toBe(false);
  expect(members.has(blobPath(store.put('own')))).toBe(true);
  expect(members.has('manifest.json')).toBe(false);
});

test('an artifact is exported, but not shown to Docker', async () => {
  const store = new MemoryContent();
  const target = describe(store, ociTypes.manifest, {
    schemaVersion: 2,
    config: describe(store, 'application/vnd.oci.empty.v1+json', {}),
    layers: [describe(store, 'text/plain', 'chart')],
  });
  const { members } = await exported(store, [{ name, target }]);
  expect(members.has('manifest.json')).toBe(false);
  expect(members.has(blobPath(store.put('chart')))).toBe(true);
});

test('where an image came from is noted', async () => {
  const store = new MemoryContent();
  const target = putImage(store, 'linux/amd64', []);
  await store.setLabels(target.digest, { 'containerd.io/distribution.source.docker.io': 'library/a', other: 'x' });
  const { index } = await exported(store, [{ name, target: { ...target, annotations: { own: 'y' } } }]);
  expect(Object.entries(index.manifests[0].annotations)).toEqual([
    ['containerd.io/distribution.source.docker.io', 'library/a'],
    ['io.containerd.image.name', name],
    ['org.opencontainers.image.ref.name', 'v1'],
    ['own', 'y'],
  ]);
});

test('what is missing is told before the first byte', async () => {
  const store = new MemoryContent();
  const target = putImage(store, 'linux/amd64', [{ bytes: 'layer' }]);
  store.blobs.delete(store.put('layer'));
  const bytes = exportArchive(store, [{ name, target }])[Symbol.asyncIterator]();
  await expect(bytes.next()).rejects.toMatchObject({ kind: 'not-found', message: expect.stringContaining(name) });
  await expect(exported(store, [{ name, target: { ...target, mediaType: 'text/plain' } }])).rejects.toMatchObject({
    kind: 'invalid-argument',
  });
});

test('nothing is read ahead of who takes the bytes, and leaving early ends it', async () => {
  const store = new MemoryContent();
  const target = putImage(store, 'linux/amd64', [{ bytes: Buffer.alloc(8 << 20) }]);
  const progress: number[][] = [];
  let taken = 0;
  for await (const chunk of exportArchive(store, [{ name, target }], { onBytes: (...both) => progress.push(both) })) {
    taken += chunk.length;
    if (taken > 1 << 20) break;
  }
  expect(store.readBytes).toBeLessThan(2 << 20);
  expect(progress[0]?.[1]).toBeGreaterThan(8 << 20);
});

test('the size told beforehand is that of the archive', async () => {
  const store = new MemoryContent();
  const target = putImage(store, 'linux/amd64', [{ bytes: Buffer.alloc(100_000) }]);
  let last: readonly number[] = [];
  const bytes = await buffer(
    exportArchive(store, [{ name, target }], {
      onBytes: (...both) => {
        last = both;
      },
    }),
  );
  expect(last).toEqual([bytes.length, bytes.length]);
});

test('damaged blobs and cancellation end the export with an error', async () => {
  const store = new MemoryContent();
  const target = putImage(store, 'linux/amd64', [{ bytes: Buffer.alloc(4 << 20) }]);
  const failing = Object.assign(Object.create(store), {
    async *read(digest: string, options: object) {
      yield* store.read(digest, options);
      if (store.bytesOf(digest).length > 1 << 20) throw new Error('disk is gone');
    },
  }) as MemoryContent;
  await expect(buffer(exportArchive(failing, [{ name, target }]))).rejects.toThrow(/disk is gone/);
  const controller = new AbortController();
  const aborted = exportArchive(store, [{ name, target }], {
    signal: controller.signal,
    onBytes: () => controller.abort(),
  });
  await expect(buffer(aborted)).rejects.toMatchObject({ kind: 'canceled' });
});
