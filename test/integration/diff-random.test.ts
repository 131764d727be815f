import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, connect } from '../../client/client.ts';
import { sys } from '../../native/sys.ts';
import type { Mount } from '../../snapshotter/snapshotter.ts';
import { readOnlyMounts, TemporaryMounts } from '../../snapshotter/temporary-mounts.ts';
import { treeOf } from '../contract/snapshotter-tree.ts';
import { collectWhenAsked } from '../helpers/collection.ts';
import { Daemon } from '../helpers/daemon.ts';
import { changeAtRandom, Dice } from './layer-changes.ts';

const mediaTypes = ['', '+gzip', '+zstd'].map((suffix) => `application/vnd.oci.image.layer.v1.tar${suffix}`);
const snapshotter = 'overlayfs';
const exactly = { times: true, xattrs: true };

let daemon: Daemon;
let client: Client;
let mounts: TemporaryMounts;
let directory: string;

beforeAll(async () => {
  daemon = await Daemon.start('gantryd', { config: collectWhenAsked });
  client = connect({ address: daemon.address, namespace: 'random' });
  directory = await mkdtemp(join(tmpdir(), 'gx-'));
  mounts = await TemporaryMounts.open({ sys }, { directory });
});

afterAll(async () => {
  client.close();
  await daemon.close();
  await rm(directory, { recursive: true });
});

const snapshots = () => client.service('containerd.services.snapshots.v1.Snapshots');

async function prepare(key: string, parent: string): Promise<Mount[]> {
  return (await snapshots().Prepare({ snapshotter, key, parent })).mounts;
}

async function diff(left: Mount[], right: Mount[], mediaType: string) {
  const { diff: layer } = await client.service('containerd.services.diff.v1.Diff').Diff({ left, right, mediaType });
  if (layer === null) throw new Error('no layer was answered');
  return layer;
}

/** Two committed layers, so that what changes lies in either of them or in both. */
async function makeBase(seed: number, dice: Dice): Promise<string> {
  let parent = '';
  for (const layer of [1, 2]) {
    const key = `${seed}-base-${layer}`;
    await mounts.with(await prepare(key, parent), (root) => changeAtRandom(root, dice, 25));
    await snapshots().Commit({ snapshotter, key, name: `${key}-done` });
    parent = `${key}-done`;
  }
  return parent;
}

test.for(Array.from({ length: 200 }, (_, seed) => seed + 1))(
  'a diff is the same from the upper directory and from both trees, and makes the same tree (seed %i)',
  async (seed) => {
    const dice = new Dice(seed);
    const base = await makeBase(seed, dice);
    const changed = await prepare(`${seed}-changed`, base);
    await mounts.with(changed, (root) => changeAtRandom(root, dice, 25));
    // Looked at anew: where a file was copied up and then linked, overlayfs remembers the name it had by another inode.
    const expected = await mounts.with(changed, (root) => treeOf(root, exactly));
    const left = (await snapshots().View({ snapshotter, key: `${seed}-left`, parent: base })).mounts;
    const mediaType = mediaTypes[seed % 3] ?? '';
    const layer = await diff(left, changed, mediaType);
    // The same tree, without telling which directory is the upper one.
    expect(await diff(left, readOnlyMounts(changed), mediaType)).toEqual(layer);
    const again = await prepare(`${seed}-again`, base);
    await client.service('containerd.services.diff.v1.Diff').Apply({ diff: layer, mounts: again });
    expect(await mounts.with(again, (root) => treeOf(root, exactly))).toEqual(expected);
  },
);
