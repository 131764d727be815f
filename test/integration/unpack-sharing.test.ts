import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { layerOf, type TestImage, UnpackWorld } from './unpack-world.ts';

let world: UnpackWorld;
let namespace = '';
let count = 0;

beforeAll(async () => {
  world = await UnpackWorld.start();
});

beforeEach(() => {
  count += 1;
  namespace = `sharing-${count}`;
});

afterAll(() => world[Symbol.asyncDispose]());

async function layers(total: number): Promise<Buffer[]> {
  return Promise.all(
    Array.from({ length: total }, (_, n) =>
      layerOf([{ name: `file-${n}`, content: randomBytes(20_000).toString('hex') }]),
    ),
  );
}

async function expectUnpacked({ chain, configDigest, layers: stored }: TestImage): Promise<void> {
  const top = chain.at(-1) ?? '';
  expect(await world.labels(namespace, configDigest)).toMatchObject({ 'containerd.io/gc.ref.snapshot.overlayfs': top });
  for (const { descriptor, diffId } of stored) {
    expect(await world.labels(namespace, descriptor.digest)).toMatchObject({ 'containerd.io/uncompressed': diffId });
  }
  const tree = await world.tree(namespace, top);
  expect(Object.keys(tree)).toEqual(['', ...chain.map((_, n) => `file-${n}`)]);
}

test('an image that ten clients want at once is unpacked once', async () => {
  const image = await world.put(namespace, await layers(4));
  const before = await world.passes('unpack.layer.prepared');
  const begun = await Promise.all(Array.from({ length: 10 }, () => world.unpack(namespace, image)));
  expect((await world.passes('unpack.layer.prepared')) - before).toBe(4);
  expect(begun.flat().sort()).toEqual([1, 2, 3, 4]);
  expect(await world.unpack(namespace, image)).toEqual([]);
  expect([...(await world.snapshots(namespace)).keys()].sort()).toEqual([...image.chain].sort());
  expect(await world.leases(namespace)).toEqual([]);
  await expectUnpacked(image);
});

test('two images share the layers that they have in common', async () => {
  const common = await layers(3);
  const [one, two] = [await layers(1), await layers(1)];
  const images = [
    await world.put(namespace, [...common, ...one]),
    await world.put(namespace, [...common, ...two]),
  ] as const;
  const before = await world.passes('unpack.layer.prepared');
  await Promise.all(images.map((image) => world.unpack(namespace, image)));
  expect((await world.passes('unpack.layer.prepared')) - before).toBe(5);
  expect((await world.snapshots(namespace)).size).toBe(5);
  for (const image of images) {
    const tree = await world.tree(namespace, image.chain[3] ?? '');
    expect(Object.keys(tree)).toEqual(['', 'file-0', 'file-1', 'file-2']);
  }
});

test('a client that gives up does not take the layers from another, nor leave anything behind', async () => {
  const image = await world.put(namespace, await layers(3));
  await world.setFailpoint('unpack.layer.extracted', 'delay(400ms)');
  const before = await world.passes('unpack.layer.prepared');
  const stop = new AbortController();
  const first = world.unpack(namespace, image, { signal: stop.signal });
  await eventually(async () => expect(await world.passes('unpack.layer.prepared')).toBeGreaterThan(before));
  const begun = await world.passes('unpack.image.begun');
  const second = world.unpack(namespace, image);
  await eventually(async () => expect(await world.passes('unpack.image.begun')).toBeGreaterThan(begun));
  stop.abort();
  await expect(first).rejects.toMatchObject({ kind: 'canceled' });
  // Nothing but the daemon's own lease keeps what is half done.
  await world.collectGarbage(namespace);
  await second;
  await world.setFailpoint('unpack.layer.extracted', 'off');
  expect((await world.passes('unpack.layer.prepared')) - before).toBe(3);
  await expectUnpacked(image);
  await eventually(async () => expect(await world.leases(namespace)).toEqual([]));
});

test('when nobody waits any more the work stops and its traces go', async () => {
  const image = await world.put(namespace, await layers(3));
  await world.setFailpoint('unpack.layer.prepared', 'delay(300ms)');
  const before = await world.passes('unpack.layer.prepared');
  const stop = new AbortController();
  const only = world.unpack(namespace, image, { signal: stop.signal });
  await eventually(async () => expect(await world.passes('unpack.layer.prepared')).toBeGreaterThan(before));
  stop.abort();
  await expect(only).rejects.toMatchObject({ kind: 'canceled' });
  await eventually(async () => {
    expect(await world.leases(namespace)).toEqual([]);
    expect([...(await world.snapshots(namespace)).keys()]).toEqual([]);
  });
  await world.setFailpoint('unpack.layer.prepared', 'off');
  await world.unpack(namespace, image);
  await expectUnpacked(image);
});

test('a garbage collection at any moment takes nothing of it', async () => {
  const image = await world.put(namespace, await layers(6));
  let isDone = false;
  const collect = async () => {
    while (!isDone) await world.collectGarbage(namespace);
  };
  const collecting = collect();
  await world.unpack(namespace, image);
  isDone = true;
  await collecting;
  await world.collectGarbage(namespace);
  await expectUnpacked(image);
});

test('a layer that is another than its diff id says fails the image, and the next attempt can be right', async () => {
  const image = await world.put(namespace, await layers(3));
  const wrong = {
    ...image,
    layers: image.layers.map((layer, n) => (n === 1 ? { ...layer, diffId: `sha256:${'0'.repeat(64)}` } : layer)),
  };
  await expect(world.unpack(namespace, wrong)).rejects.toThrow(
    /layer sha256:\w+: unpacks to sha256:\w+, not to sha256:0+/,
  );
  expect([...(await world.snapshots(namespace)).values()].filter((kind) => kind !== 'COMMITTED')).toEqual([]);
  expect(await world.leases(namespace)).toEqual([]);
  await world.unpack(namespace, image);
  await expectUnpacked(image);
});

test('a name for a file of the layer below is refused, as it is by containerd, and leaves nothing behind', async () => {
  const archives = [
    await layerOf([{ name: 'below' }]),
    await layerOf([{ name: 'again', type: 'link', linkname: 'below' }]),
  ];
  const image = await world.put(namespace, archives);
  await expect(world.unpack(namespace, image)).rejects.toThrow(/linkat again.*hard link to below/s);
  expect([...(await world.snapshots(namespace)).keys()]).toEqual(image.chain.slice(0, 1));
  expect(await world.leases(namespace)).toEqual([]);
});

test('what is no image is refused', async () => {
  const image = await world.put(namespace, await layers(1));
  await expect(world.unpack(namespace, { ...image, configDigest: 'none' })).rejects.toMatchObject({
    kind: 'invalid-argument',
  });
  const { layers: stored } = image;
  const refused = world.unpack(namespace, { ...image, layers: stored.map((layer) => ({ ...layer, diffId: 'x' })) });
  await expect(refused).rejects.toMatchObject({ kind: 'invalid-argument' });
  const missing = stored.map((layer) => ({
    ...layer,
    descriptor: { ...layer.descriptor, digest: `sha256:${'1'.repeat(64)}` },
  }));
  await expect(world.unpack(namespace, { ...image, layers: missing })).rejects.toMatchObject({ kind: 'not-found' });
  expect((await world.snapshots(namespace)).size).toBe(0);
});
