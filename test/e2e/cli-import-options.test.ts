import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { writeArchive } from '../../scripts/busybox-image.ts';
import { bothDaemons } from '../helpers/both.ts';
import { Gantry } from '../helpers/gantry.ts';
import { layoutEntries } from '../helpers/layout.ts';
import { noiseLayer, type OciImage, ociImage, ociIndex } from '../helpers/oci-image.ts';
import type { Side } from '../helpers/side.ts';
import { storesOf } from '../helpers/stores.ts';

const { scenario } = bothDaemons();

let images: readonly OciImage[];

beforeAll(async () => {
  const layers = await Promise.all(['a', 'b', 'c'].map((name) => noiseLayer(name, 10_000)));
  images = layers.map((layer) => ociImage({ layers: [layer], architecture: 's390x' }));
});

async function archiveOf(side: Side, entries: Parameters<typeof writeArchive>[1]): Promise<string> {
  const path = join(side.daemon.folder, 'in.tar');
  await writeArchive(path, entries);
  return path;
}

async function removeAll(side: Side): Promise<void> {
  for (const { name } of (await storesOf(side.client)).images) await side.ctr.ok('images', 'rm', '--sync', name);
}

scenario('import names what it finds by prefix, digest and index, as ctr does', async (side) => {
  const [a, b, c] = images as [OciImage, OciImage, OciImage];
  const entries = layoutEntries([{ image: a, ref: 'v1' }, { image: b, ref: 'example.org/b:1' }, { image: c }]);
  const path = await archiveOf(side, entries);
  const platform = ['--platform', 'linux/s390x'];
  const counts = [];
  for (const [ours, theirs] of [
    [['--base-name', 'example.org/base'], []],
    [['--base-name', 'example.org/b', '--digests'], ['--skip-digest-for-named']],
    [['--base-name', 'example.org/b', '--index-name', 'example.org/index:1'], []],
  ] as const) {
    await side.ctr.ok('images', 'import', '--no-unpack', ...ours, ...theirs, path);
    const expected = (await storesOf(side.client)).images;
    await removeAll(side);
    await new Gantry(side).ok('import', ...platform, ...ours, path);
    expect((await storesOf(side.client)).images).toEqual(expected);
    counts.push(expected.length);
    await removeAll(side);
  }
  expect(counts).toEqual([1, 3, 3]);
});

scenario('import says which platform is not complete', async (side) => {
  const [a, b] = images as [OciImage, OciImage];
  const index = ociIndex([
    { image: a, architecture: 's390x' },
    { image: b, architecture: 'riscv64' },
  ]);
  const path = await archiveOf(side, layoutEntries([{ image: index, name: 'example.org/two:1' }], [...b.blobs.keys()]));
  const gantry = new Gantry(side);
  for (const flags of [['--all-platforms'], ['--platform', 'linux/riscv64']]) {
    const { code, stderr } = await gantry.try(['import', ...flags, path]);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(`blob ${b.root.digest}`) });
  }
  expect(await side.ctr.ok('images', 'ls', '-q')).toBe('');
  expect(await gantry.ok('import', '--platform', 'linux/s390x', path)).toBe('example.org/two:1\n');
  await removeAll(side);
});

scenario("import --compress compresses a docker archive's plain layers, the same each time", async (side) => {
  const layer = await noiseLayer('plain', 100_000);
  const path = await archiveOf(side, [
    { name: 'layer.tar', content: layer },
    { name: 'config.json', content: JSON.stringify({ os: 'linux', architecture: 's390x', rootfs: {} }) },
    {
      name: 'manifest.json',
      content: JSON.stringify([{ Config: 'config.json', RepoTags: ['plain:1'], Layers: ['layer.tar'] }]),
    },
  ]);
  const [made] = await new Gantry(side).json<[{ digest: string }]>('import', '--compress', path);
  const manifest = JSON.parse(await side.ctr.ok('content', 'get', made?.digest ?? ''));
  expect(manifest.layers).toMatchObject([{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' }]);
  await removeAll(side);
  return manifest;
});
