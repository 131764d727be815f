import { afterAll, beforeAll, expect, test } from 'vitest';
import { layerOf, UnpackWorld } from '../integration/unpack-world.ts';
import { pointsOfUnpacking } from './moments.ts';

let world: UnpackWorld;
let archives: Buffer[];
let count = 0;

beforeAll(async () => {
  world = await UnpackWorld.start();
  archives = [
    await layerOf([
      { name: 'd', type: 'directory' },
      { name: 'd/deleted', content: 'x' },
      { name: 'one', content: '1' },
    ]),
    await layerOf([{ name: 'two', content: '2' }]),
    // It implies a directory, so that it is unpacked a second time.
    await layerOf([{ name: 'd/.wh.deleted' }, { name: 'd/three', content: '3' }]),
  ];
});

afterAll(() => world[Symbol.asyncDispose]());

/** How often the unpacking of the image passes each point. */
const moments = pointsOfUnpacking.flatMap((point) => {
  const passes =
    { 'unpack.image.begun': 1, 'unpack.layer.prepared': 4, 'unpack.image.recorded': 1 }[point as string] ?? 3;
  return Array.from({ length: passes }, (_, index) => ({ point, pass: index + 1 }));
});

test.for(moments)(
  'an image is unpacked whole after the daemon was killed at $point, pass $pass',
  async ({ point, pass }) => {
    count += 1;
    const namespace = `crash-${count}`;
    const image = await world.put(namespace, archives);
    // Layers wait for the bottom one, and are so unpacked beside it.
    if (point !== 'unpack.layer.extracted') await world.setFailpoint('unpack.layer.extracted', '1*delay(300ms)');
    await world.setFailpoint(point, `${pass - 1 > 0 ? `${pass - 1}*off->` : ''}1*crash`);
    await expect(world.unpack(namespace, image, { timeoutMs: 20_000 })).rejects.toMatchObject({ kind: 'unavailable' });
    await world.restart();
    expect(await world.leases(namespace)).toEqual([]);
    await world.collectGarbage(namespace);
    // Collected or not, what is left is whole and stands on what is whole.
    const left = await world.snapshots(namespace);
    expect([...left.keys()]).toEqual(image.chain.filter((name) => left.has(name)).sort());
    for (const [n, name] of image.chain.entries())
      if (n > 0 && left.has(name)) expect(left.has(image.chain[n - 1] ?? '')).toBe(true);
    expect(await world.findings()).toEqual([]);
    await world.unpack(namespace, image);
    await world.collectGarbage(namespace);
    const tree = await world.tree(namespace, image.chain.at(-1) ?? '');
    expect(Object.keys(tree)).toEqual(['', 'd', 'd/three', 'one', 'two']);
    expect(await world.findings()).toEqual([]);
  },
);
