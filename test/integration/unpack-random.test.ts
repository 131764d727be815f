import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sys } from '../../native/sys.ts';
import type { Mount } from '../../snapshotter/snapshotter.ts';
import { TemporaryMounts } from '../../snapshotter/temporary-mounts.ts';
import { changeAtRandom, Dice } from './layer-changes.ts';
import { rooted, snapshotter, UnpackWorld } from './unpack-world.ts';

const layerCount = 4;
const mediaType = 'application/vnd.oci.image.layer.v1.tar';

let world: UnpackWorld;
let mounts: TemporaryMounts;
let directory: string;

beforeAll(async () => {
  world = await UnpackWorld.start();
  directory = await mkdtemp(join(tmpdir(), 'gv-'));
  mounts = await TemporaryMounts.open({ sys }, { directory });
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** Makes snapshots one on top of the other, each with arbitrary changes, and returns what changed as layers. */
async function randomLayers(namespace: string, dice: Dice): Promise<{ top: string; archives: Buffer[] }> {
  const client = world.client(namespace);
  const snapshots = client.service('containerd.services.snapshots.v1.Snapshots');
  const archives: Buffer[] = [];
  let parent = '';
  for (let n = 1; n <= layerCount; n += 1) {
    const left = (await snapshots.View({ snapshotter, key: `left-${n}`, parent, labels: rooted })).mounts;
    const right = (await snapshots.Prepare({ snapshotter, key: `right-${n}`, parent, labels: rooted })).mounts;
    await mounts.with(right, (root) => changeAtRandom(root, dice, n === 1 ? 60 : 25));
    archives.push(await differenceOf(namespace, left, right));
    parent = `layer-${n}`;
    await snapshots.Commit({ snapshotter, key: `right-${n}`, name: parent, labels: rooted });
  }
  return { top: parent, archives };
}

async function differenceOf(namespace: string, left: Mount[], right: Mount[]): Promise<Buffer> {
  const client = world.client(namespace);
  const { diff } = await client.service('containerd.services.diff.v1.Diff').Diff({ left, right, mediaType });
  const chunks: Buffer[] = [];
  const content = client.service('containerd.services.content.v1.Content');
  for await (const { data } of content.Read({ digest: diff?.digest ?? '' })) chunks.push(data);
  return Buffer.concat(chunks);
}

test.for(Array.from({ length: 12 }, (_, seed) => seed + 1))(
  'layers of arbitrary changes, unpacked beside each other, make the tree that they are of (seed %i)',
  async (seed) => {
    const [made, parallel, ordered] = [`made-${seed}`, `parallel-${seed}`, `ordered-${seed}`];
    const { top, archives } = await randomLayers(made, new Dice(1000 + seed));
    const image = await world.put(parallel, archives);
    await world.put(ordered, archives);
    // The bottom layer is committed last.
    await world.setFailpoint('unpack.layer.extracted', '1*delay(200ms)');
    const before = await world.passes('unpack.layer.prepared');
    await world.unpack(parallel, image);
    expect((await world.passes('unpack.layer.prepared')) - before).toBe(layerCount);
    await world.unpackInOrder(ordered, image);
    for (const name of image.chain) {
      expect(await world.tree(parallel, name)).toEqual(await world.tree(ordered, name));
    }
    expect(await world.tree(parallel, image.chain.at(-1) ?? '')).toEqual(await world.tree(made, top));
  },
);
