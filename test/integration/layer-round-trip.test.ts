import { readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { timestampFromNs } from '../../proto/timestamp.ts';
import { treeOf } from '../contract/snapshotter-tree.ts';
import { changeAtRandom, Dice } from './layer-changes.ts';
import { type LayerStack, openLayerStack } from './layer-stack.ts';
import { ctx } from './snapshot-stack.ts';

const mediaTypes = ['', '+gzip', '+zstd'].map((suffix) => `application/vnd.oci.image.layer.v1.tar${suffix}`);

/** A committed snapshot with an arbitrary tree. */
async function randomBase({ snapshots, mounts }: LayerStack, dice: Dice): Promise<string> {
  const active = await snapshots.prepare(ctx, 'base-key', '');
  await mounts.with(active, (root) => changeAtRandom(root, dice, 60));
  await snapshots.commit(ctx, 'base', 'base-key');
  return 'base';
}

const asRequest = { labels: {}, ref: '', sourceDateEpoch: null };

test.for(Array.from({ length: 6 }, (_, seed) => seed + 1))(
  'the diff of arbitrary changes, applied to where they began, makes the same tree (seed %i)',
  async (seed) => {
    await using stack = await openLayerStack();
    const { snapshots, mounts, diff } = stack;
    const dice = new Dice(seed);
    const base = await randomBase(stack, dice);
    const changed = await snapshots.prepare(ctx, 'changed', base);
    const expected = await mounts.with(changed, async (root) => {
      await changeAtRandom(root, dice, 40);
      return treeOf(root, { times: true, xattrs: true });
    });
    const left = await snapshots.view(ctx, 'left', base);
    const mediaType = mediaTypes[seed % 3] ?? '';
    const descriptor = await diff.diff(ctx, { ...asRequest, left, right: changed, mediaType });
    const again = await snapshots.prepare(ctx, 'again', base);
    const applied = await diff.apply(ctx, { diff: descriptor, mounts: again, payloads: {}, syncFs: false });
    const { labels } = await stack.content.info(ctx, descriptor.digest);
    expect(applied.digest).toBe(mediaType.includes('+') ? labels['containerd.io/uncompressed'] : descriptor.digest);
    expect(await mounts.with(again, (root) => treeOf(root, { times: true, xattrs: true }))).toEqual(expected);
    expect(await readdir(join(stack.directory, 'mounts'))).toEqual([]);
  },
);

test('equal trees differ by an empty layer, and equal diffs are one blob', async () => {
  await using stack = await openLayerStack();
  const { snapshots, diff } = stack;
  const base = await randomBase(stack, new Dice(1));
  const left = await snapshots.view(ctx, 'left', base);
  const right = await snapshots.prepare(ctx, 'right', base);
  const first = await diff.diff(ctx, { ...asRequest, left, right, mediaType: '' });
  const second = await diff.diff(ctx, { ...asRequest, left, right, mediaType: '' });
  expect(first).toEqual(second);
  expect(first.mediaType).toBe('application/vnd.oci.image.layer.v1.tar+gzip');
  const info = await stack.content.info(ctx, first.digest);
  // The digest of two blocks of zeros.
  expect(info.labels['containerd.io/uncompressed']).toBe(
    'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef',
  );
});

test('what cannot be read or written is refused and leaves no mount and no ingest', async () => {
  await using stack = await openLayerStack();
  const { snapshots, diff } = stack;
  const base = await randomBase(stack, new Dice(2));
  const left = await snapshots.view(ctx, 'left', base);
  const broken = [{ type: 'bind', source: join(stack.directory, 'missing'), target: '', options: ['ro', 'rbind'] }];
  const refused = (mediaType: string, right = left) => diff.diff(ctx, { ...asRequest, left, right, mediaType });
  await expect(refused('text/plain')).rejects.toMatchObject({ kind: 'unimplemented' });
  await expect(refused('', broken)).rejects.toThrow('failed to mount');
  const layer = { mediaType: mediaTypes[0] ?? '', digest: `sha256:${'0'.repeat(64)}`, size: 1, annotations: {} };
  const apply = (mediaType: string) =>
    diff.apply(ctx, { diff: { ...layer, mediaType }, mounts: left, payloads: {}, syncFs: false });
  await expect(apply(layer.mediaType)).rejects.toMatchObject({ kind: 'not-found' });
  await expect(apply('text/plain')).rejects.toMatchObject({ kind: 'unimplemented' });
  expect(await readdir(join(stack.directory, 'mounts'))).toEqual([]);
  expect(await stack.content.statuses(ctx, [])).toEqual([]);
});

test('no file of a diff is younger than asked for, deletions are of 1970, and the bytes are the same again', async () => {
  await using stack = await openLayerStack();
  const { snapshots, mounts, diff, store } = stack;
  const base = await randomBase(stack, new Dice(3));
  const left = await snapshots.view(ctx, 'left', base);
  const right = await snapshots.prepare(ctx, 'right', base);
  await mounts.with(right, async (root) => {
    for (const name of await readdir(root)) await rm(join(root, name), { recursive: true });
    await writeFile(join(root, 'old'), '');
    await utimes(join(root, 'old'), 1000.25, 1000.25);
    await writeFile(join(root, 'young'), '');
  });
  const sourceDateEpoch = timestampFromNs(1_000_500_000_000n);
  const request = { ...asRequest, left, right, sourceDateEpoch };
  const plain = await diff.diff(ctx, { ...request, mediaType: mediaTypes[0] ?? '' });
  const { stdout } = await execa('tar', ['--full-time', '-tvf', store.blobPath(plain.digest)], { env: { TZ: 'UTC' } });
  const lines = stdout.split('\n').map((line) => line.split(/\s+/).slice(3).join(' '));
  expect(lines.filter((line) => !line.includes('.wh.'))).toEqual([
    '1970-01-01 00:16:40.25 old',
    '1970-01-01 00:16:40.5 young',
  ]);
  expect(
    lines.filter((line) => line.includes('.wh.')).every((line) => line.startsWith('1970-01-01 00:00:00 .wh.')),
  ).toBe(true);
  const zipped = await diff.diff(ctx, { ...request, mediaType: mediaTypes[1] ?? '' });
  expect(await diff.diff(ctx, { ...request, mediaType: mediaTypes[1] ?? '' })).toEqual(zipped);
});
