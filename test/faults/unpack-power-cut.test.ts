import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { layerOf, type TestImage, UnpackWorld } from '../integration/unpack-world.ts';
import { Disk } from './disk.ts';
import { pointsOfUnpacking } from './moments.ts';

let disk: Disk;
let world: UnpackWorld;
let archives: Buffer[];
let count = 0;

async function start(): Promise<void> {
  disk = await Disk.create();
  world = await UnpackWorld.start({ root: join(disk.path, 'root') });
}

async function close(): Promise<void> {
  await world[Symbol.asyncDispose]();
  await disk.close();
}

/** What one cut has left in disorder is of no use to the next. */
async function startOver(): Promise<void> {
  await close();
  await start();
}

const long = (text: string) => text.repeat(20_000);

beforeAll(async () => {
  await start();
  archives = [
    await layerOf([
      { name: 'd', type: 'directory' },
      { name: 'd/deleted', content: 'x' },
      { name: 'one', content: long('1') },
    ]),
    await layerOf(Array.from({ length: 300 }, (_, index) => ({ name: `file-${index}`, content: long(`${index}`) }))),
    // It implies a directory, so that it is unpacked a second time.
    await layerOf([{ name: 'd/.wh.deleted' }, { name: 'd/three', content: long('3') }]),
  ];
});

afterAll(close);

/** The machine goes off and starts again: nothing but what is on disk is left. */
async function cutPower(): Promise<void> {
  await disk.cutPower();
  await world.daemon.kill();
  await disk.restorePower();
  rmSync(world.daemon.state, { recursive: true, force: true });
  await world.restart();
}

/** The tree as it is without a fault, every byte and time. */
async function rightTree(image: TestImage) {
  const namespace = `right-${count}`;
  const same = await world.put(namespace, archives);
  await world.unpackInOrder(namespace, same);
  return world.tree(namespace, image.chain.at(-1) ?? '');
}

async function unpacked(namespace: string, image: TestImage) {
  expect([...(await world.snapshots(namespace)).keys()].sort()).toEqual([...image.chain].sort());
  return world.tree(namespace, image.chain.at(-1) ?? '');
}

test('an image that was unpacked is whole after a power cut', async () => {
  onTestFailed(startOver);
  count += 1;
  const image = await world.put('whole', archives);
  await world.unpack('whole', image);
  await cutPower();
  await world.collectGarbage('whole');
  const tree = await unpacked('whole', image);
  expect(await world.findings()).toEqual([]);
  expect(tree).toEqual(await rightTree(image));
});

test.for(pointsOfUnpacking)('an image is unpacked whole after a power cut at %s', async (point) => {
  onTestFailed(startOver);
  count += 1;
  const namespace = `cut-${count}`;
  const image = await world.put(namespace, archives);
  await world.setFailpoint(point, '1*crash');
  await expect(world.unpack(namespace, image, { timeoutMs: 20_000 })).rejects.toMatchObject({ kind: 'unavailable' });
  await cutPower();
  await world.collectGarbage(namespace);
  // What is left is whole and stands on what is whole.
  const left = await world.snapshots(namespace);
  expect(image.chain.filter((name) => left.has(name))).toEqual(image.chain.slice(0, left.size));
  expect(await world.findings()).toEqual([]);
  await world.unpack(namespace, image);
  await world.collectGarbage(namespace);
  const tree = await unpacked(namespace, image);
  expect(await world.findings()).toEqual([]);
  expect(tree).toEqual(await rightTree(image));
});
