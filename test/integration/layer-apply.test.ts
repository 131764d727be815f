import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { DiffService } from '../../daemon/services/diff.ts';
import { sys } from '../../native/sys.ts';
import type { Mount } from '../../snapshotter/snapshotter.ts';
import { treeOf } from '../contract/snapshotter-tree.ts';
import { type LayerStack, openLayerStack } from './layer-stack.ts';
import { ctx } from './snapshot-stack.ts';

const run = promisify(execFile);
const plain = 'application/vnd.oci.image.layer.v1.tar';
const docker = 'application/vnd.docker.image.rootfs.diff.tar';

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A layer of regular files, the value being their contents; a name that ends in a slash is a directory. */
function layerOf(files: Record<string, string>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith('/')) archive.entry({ name, type: 'directory' });
    else archive.entry({ name }, content);
  }
  archive.finalize();
  return buffer(archive);
}

/** Stores a blob and applies it to mounts. */
async function request({ content }: LayerStack, blob: Buffer, mediaType: string, mounts: Mount[], syncFs = false) {
  const digest = digestOf(blob);
  const writer = await content.writer(ctx, { ref: digest });
  await writer.write(blob);
  await writer.commit({ expected: digest });
  const descriptor = { mediaType, digest, size: blob.length, annotations: {} };
  return { diff: descriptor, mounts, payloads: {}, syncFs };
}

async function apply(stack: LayerStack, blob: Buffer, mediaType: string, mounts: Mount[]) {
  return stack.diff.apply(ctx, await request(stack, blob, mediaType, mounts));
}

async function committedBase(stack: LayerStack, files: Record<string, string>): Promise<string> {
  await apply(stack, await layerOf(files), plain, await stack.snapshots.prepare(ctx, 'base-key', ''));
  await stack.snapshots.commit(ctx, 'base', 'base-key');
  return 'base';
}

async function contentsOf({ mounts }: LayerStack, at: Mount[]): Promise<Record<string, string | undefined>> {
  const tree = await mounts.with(at, (root) => treeOf(root));
  return Object.fromEntries(Object.entries(tree).map(([path, entry]) => [path, entry.content]));
}

const compressions: [mediaType: string, compress: (bytes: Buffer) => Buffer][] = [
  [plain, (bytes) => bytes],
  [`${plain}+gzip`, gzipSync],
  [`${plain}+zstd`, zstdCompressSync],
  [`${plain}+gzip`, zstdCompressSync],
  [docker, (bytes) => bytes],
  [docker, gzipSync],
  [`${docker}.gzip`, (bytes) => bytes],
];

test.for(compressions)('a layer of type %s is read whatever it is compressed with', async ([mediaType, compress]) => {
  await using stack = await openLayerStack();
  const layer = await layerOf({ 'a/': '', 'a/f': 'hello' });
  const active = await stack.snapshots.prepare(ctx, 'key', '');
  const applied = await apply(stack, compress(layer), mediaType, active);
  expect(applied).toEqual({ mediaType: plain, digest: digestOf(layer), size: layer.length, annotations: {} });
  expect(await contentsOf(stack, active)).toEqual({ '': undefined, a: undefined, 'a/f': 'hello' });
});

test('whiteouts delete from the layers below, also when the layer is stacked later', async () => {
  await using stack = await openLayerStack();
  const { snapshots } = stack;
  const base = await committedBase(stack, { 'a/': '', 'a/1': '1', 'a/2': '2', 'b/': '', 'b/old': 'old' });
  const layer = await layerOf({ 'a/.wh.1': '', 'b/': '', 'b/.wh..wh..opq': '', 'b/new': 'new' });
  const expected = { '': undefined, a: undefined, 'a/2': '2', b: undefined, 'b/new': 'new' };
  const stacked = await snapshots.prepare(ctx, 'stacked', base);
  await apply(stack, layer, plain, stacked);
  expect(await contentsOf(stack, stacked)).toEqual(expected);
  // A client that unpacks in parallel asks for an overlay without layers below and names the parent at commit.
  const [floating] = await snapshots.prepare(ctx, 'floating', '');
  const upper = [{ type: 'overlay', source: 'overlay', target: '', options: [`upperdir=${floating?.source}`] }];
  const descriptor = { mediaType: plain, digest: digestOf(layer), size: layer.length, annotations: {} };
  await stack.diff.apply(ctx, { diff: descriptor, mounts: upper, payloads: {}, syncFs: false });
  await snapshots.commit(ctx, 'rebased', 'floating', { parent: base });
  expect(await contentsOf(stack, await snapshots.view(ctx, 'look', 'rebased'))).toEqual(expected);
});

test('a layer that hides all below does so from its root too', async () => {
  await using stack = await openLayerStack();
  const base = await committedBase(stack, { 'a/': '', 'a/1': '1', top: 'top' });
  const active = await stack.snapshots.prepare(ctx, 'key', base);
  await apply(stack, await layerOf({ '.wh..wh..opq': '', 'a/': '', 'a/2': '2' }), plain, active);
  expect(await contentsOf(stack, active)).toEqual({ '': undefined, a: undefined, 'a/2': '2' });
});

test('mounts that are more than one directory are mounted to be written to', async () => {
  await using stack = await openLayerStack();
  const base = await committedBase(stack, { 'sub/': '', 'sub/kept': 'kept' });
  const [lower] = await stack.snapshots.prepare(ctx, 'lower', base);
  const [inner] = await stack.snapshots.prepare(ctx, 'inner', '');
  const mounts = [lower as Mount, { ...(inner as Mount), target: 'sub' }];
  await apply(stack, await layerOf({ 'sub/': '', 'sub/f': 'in the inner one', g: 'in the lower one' }), plain, mounts);
  expect(await contentsOf(stack, [inner as Mount])).toEqual({ '': undefined, f: 'in the inner one' });
  expect(await contentsOf(stack, [lower as Mount])).toMatchObject({ g: 'in the lower one', 'sub/kept': 'kept' });
});

test('a view cannot be written to', async () => {
  await using stack = await openLayerStack();
  const base = await committedBase(stack, { f: '1' });
  const view = await stack.snapshots.view(ctx, 'look', base);
  await expect(apply(stack, await layerOf({ g: '2' }), plain, view)).rejects.toThrow('EROFS');
  expect(await contentsOf(stack, view)).toEqual({ '': undefined, f: '1' });
});

test('a blob that was damaged on disk is not taken for what its digest says', async () => {
  await using stack = await openLayerStack();
  const layer = await layerOf({ f: 'true' });
  await apply(stack, layer, plain, await stack.snapshots.prepare(ctx, 'first', ''));
  const path = stack.store.blobPath(digestOf(layer));
  await chmod(path, 0o600);
  await writeFile(path, await layerOf({ f: 'lies' }));
  const second = await stack.snapshots.prepare(ctx, 'second', '');
  const descriptor = { mediaType: plain, digest: digestOf(layer), size: layer.length, annotations: {} };
  const attempt = stack.diff.apply(ctx, { diff: descriptor, mounts: second, payloads: {}, syncFs: false });
  await expect(attempt).rejects.toMatchObject({ kind: 'data-loss' });
});

test('capabilities of a program go into the layer and come out of it', async () => {
  await using stack = await openLayerStack();
  const { snapshots, mounts, diff } = stack;
  const base = await committedBase(stack, { program: 'x', other: 'y' });
  const changed = await snapshots.prepare(ctx, 'changed', base);
  await mounts.with(changed, (root) => run('setcap', ['cap_net_raw,cap_setuid+ep', join(root, 'program')]));
  const left = await snapshots.view(ctx, 'left', base);
  const request = { left, right: changed, mediaType: '', ref: '', labels: {}, sourceDateEpoch: null };
  const descriptor = await diff.diff(ctx, request);
  const again = await snapshots.prepare(ctx, 'again', base);
  await diff.apply(ctx, { diff: descriptor, mounts: again, payloads: {}, syncFs: false });
  const shown = await mounts.with(again, async (root) => {
    expect(await readFile(join(root, 'program'), 'utf8')).toBe('x');
    return (await run('getcap', [join(root, 'program'), join(root, 'other')])).stdout;
  });
  expect(shown.trim()).toMatch(/\/program cap_setuid,cap_net_raw=ep$/);
});

describe('what is put on disk when a layer has been applied', () => {
  const synced: string[] = [];
  const recording = { ...sys, syncFileSystem: async (path: string) => void synced.push(path) };

  async function syncedBy(
    call: 'apply' | 'extract',
    syncedAtCommit: string | undefined,
    syncFs: boolean,
  ): Promise<number> {
    await using stack = await openLayerStack();
    const { content, mounts } = stack;
    const deps = { sys: recording, content, mounts };
    const below = syncedAtCommit === undefined ? {} : { syncedAtCommit: [join(stack.directory, syncedAtCommit)] };
    const diff = new DiffService(deps, below);
    const active = await stack.snapshots.prepare(ctx, 'key', '');
    synced.length = 0;
    await diff[call](ctx, await request(stack, await layerOf({ f: 'x' }), plain, active, syncFs));
    return synced.length;
  }

  test.for<[what: string, call: 'apply' | 'extract', below: string | undefined, syncFs: boolean, times: number]>([
    ['all, for a client', 'apply', '.', false, 1],
    ['nothing, for whom the commit does that', 'extract', '.', false, 0],
    ['all, if the caller asks for it', 'extract', '.', true, 1],
    ['all, in snapshots of others', 'extract', 'elsewhere', false, 1],
    ['all, if nobody is known to do it later', 'extract', undefined, false, 1],
  ])('%s', async ([, call, below, syncFs, times]) => {
    expect(await syncedBy(call, below, syncFs)).toBe(times);
  });
});
