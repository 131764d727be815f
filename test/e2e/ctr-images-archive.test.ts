import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { randomHex } from '../../base/ids.ts';
import { type LayerEntry, writeArchive } from '../../scripts/busybox-image.ts';
import { bothDaemons } from '../helpers/both.ts';
import { type ArchivedImage, layoutEntries } from '../helpers/layout.ts';
import {
  busyboxOciImage,
  machineArchitecture,
  noiseLayer,
  type OciImage,
  ociImage,
  ociIndex,
  sha256,
} from '../helpers/oci-image.ts';
import type { Side } from '../helpers/side.ts';
import { storesOf } from '../helpers/stores.ts';
import { readTar } from '../helpers/tar.ts';

const { scenario } = bothDaemons();

const name = 'docker.io/library/several:1';
const otherArchitecture = 's390x';

let box: OciImage;
let other: OciImage;
let index: OciImage;
let dockerLayers: readonly Buffer[];
let docker: OciImage;

beforeAll(async () => {
  box = await busyboxOciImage({ layers: [[{ name: 'etc/motd', content: 'from an archive\n' }]] });
  other = ociImage({ layers: [await noiseLayer('other', 100_000)], architecture: otherArchitecture });
  index = ociIndex([
    { image: box, architecture: machineArchitecture },
    { image: other, architecture: otherArchitecture },
  ]);
  dockerLayers = [await noiseLayer('first', 50_000), await noiseLayer('second', 50_000)];
  docker = ociImage({ layers: dockerLayers, types: 'docker' });
});

/** Both of the index's images, named. */
const several = (): ArchivedImage[] => [{ image: index, name, ref: '1' }];

/** A namespace of a scenario's own; everything in it is removed at the end, and must then be gone. */
async function inNamespace<T>(side: Side, body: (own: ReturnType<typeof withImports>) => Promise<T>): Promise<T> {
  const namespace = `${side.namespace}-${randomHex(2)}`;
  const own = withImports(side, namespace);
  const result = await body(own);
  for (const image of (await own.stores()).images) await own.ctr.ok('images', 'rm', '--sync', image.name);
  expect(await own.stores()).toEqual({ images: [], blobs: [], writing: [], snapshots: [], leases: [] });
  return result;
}

function withImports(side: Side, namespace: string) {
  const ctr = side.ctr.in(namespace);
  const client = side.client.with({ namespace });
  /** After a collection: what a daemon collects of its own accord at its start may else be gone on one side only. */
  const stores = async () => {
    await ctr.ok('leases', 'create', '--id', 'collect');
    await ctr.ok('leases', 'rm', '--sync', 'collect');
    return storesOf(client);
  };
  const pathOf = (file: string) => join(side.daemon.folder, file);
  return {
    ctr,
    stores,
    images: async () => (await storesOf(client)).images,
    path: pathOf,
    importEntries: async (entries: readonly LayerEntry[], ...flags: string[]) => {
      await writeArchive(pathOf('in.tar'), entries);
      return ctr.ok('images', 'import', ...flags, pathOf('in.tar'));
    },
    exported: async (...args: string[]) => {
      await ctr.ok('images', 'export', ...args.slice(0, -1), pathOf('out.tar'), args.at(-1) ?? '');
      return readFile(pathOf('out.tar'));
    },
  };
}

scenario('images import takes this platform of an index, and leaves the same as the peer', async (side) =>
  inNamespace(side, async ({ importEntries, stores }) => {
    await importEntries(layoutEntries(several()));
    const { images, blobs, snapshots, writing } = await stores();
    expect(images).toMatchObject([{ name, digest: index.root.digest }]);
    expect(snapshots).toHaveLength(2);
    return { images, blobs, snapshots, writing };
  }),
);

scenario('images import --all-platforms, --platform and --no-unpack', async (side) => {
  const results = [];
  for (const flags of [['--all-platforms'], ['--platform', `linux/${otherArchitecture}`], ['--no-unpack']]) {
    results.push(
      await inNamespace(side, async ({ importEntries, stores }) => {
        await importEntries(layoutEntries(several()), ...flags);
        const { images, blobs, snapshots } = await stores();
        return { images, blobs, snapshots: snapshots.length };
      }),
    );
  }
  expect(results.map(({ snapshots }) => snapshots)).toEqual([2, 1, 0]);
  return results;
});

scenario('images import names what it finds by prefix, digest and index', async (side) => {
  const archive = layoutEntries([
    { image: box, ref: 'v1' },
    { image: other, ref: 'example.org/o:1' },
    { image: docker },
  ]);
  const results = [];
  for (const flags of [
    ['--base-name', 'example.org/base'],
    ['--base-name', 'example.org/base', '--digests'],
    ['--base-name', 'example.org/o', '--digests', '--skip-digest-for-named'],
    ['--index-name', 'example.org/index:1', '--digests'],
  ]) {
    results.push(
      await inNamespace(side, async ({ importEntries, images }) => {
        await importEntries(archive, '--no-unpack', ...flags);
        return (await images()).map((image) => ({ ...image, name: image.name.replace(/\d{4}-\d\d-\d\d/, 'DAY') }));
      }),
    );
  }
  expect(results.map((images) => images.length)).toEqual([1, 4, 3, 6]);
  return results;
});

/** What `docker save` wrote before it wrote layouts. */
function savedEntries(): LayerEntry[] {
  const config = [...docker.blobs.values()].find((blob) => `${blob}`.startsWith('{"architecture"'));
  const [first, second] = dockerLayers;
  const saved = [
    { Config: 'c.json', RepoTags: ['saved:1', 'example.org/saved'], Layers: ['a/layer.tar', 'b/layer.tar'] },
  ];
  return [
    { name: 'a/layer.tar', content: first ?? '' },
    { name: 'b/layer.tar', content: second ?? '' },
    { name: 'c.json', content: config ?? '' },
    { name: 'manifest.json', content: JSON.stringify(saved) },
  ];
}

scenario("images import makes the same manifests of docker's archives", async (side) =>
  inNamespace(side, async ({ importEntries, stores }) => {
    await importEntries(savedEntries(), '--index-name', 'example.org/index:1');
    const { images, blobs, snapshots } = await stores();
    expect(images.map((image) => image.name)).toEqual([
      'docker.io/library/saved:1',
      'example.org/index:1',
      'example.org/saved:latest',
    ]);
    return { images, blobs, snapshots };
  }),
);

scenario('images import --compress-blobs compresses plain layers', async (side) =>
  inNamespace(side, async ({ importEntries, stores }) => {
    await importEntries(savedEntries(), '--compress-blobs');
    const { images, blobs } = await stores();
    expect(blobs.filter(({ labels }) => 'containerd.io/uncompressed' in labels)).toHaveLength(2);
    return { images, blobs };
  }),
);

scenario('images export gives the same bytes as the peer', async (side) =>
  inNamespace(side, async ({ importEntries, exported }) => {
    await importEntries(layoutEntries(several()), '--all-platforms');
    const results = [];
    for (const flags of [
      [],
      ['--all-platforms'],
      ['--platform', `linux/${otherArchitecture}`],
      ['--skip-manifest-json'],
      ['--skip-non-distributable'],
    ]) {
      const bytes = await exported(...flags, name);
      results.push({ flags, digest: sha256(bytes), members: [...(await readTar(bytes)).keys()] });
    }
    expect(results.map(({ members }) => members.length)).toEqual([10, 13, 9, 9, 10]);
    return results;
  }),
);

scenario('images export of all platforms needs all, of one only that', async (side) =>
  inNamespace(side, async ({ importEntries, exported, ctr, path }) => {
    const missing = [...other.blobs.keys()];
    await importEntries(layoutEntries(several(), missing));
    const digest = sha256(await exported(name));
    const error = await ctr.fails('images', 'export', '--all-platforms', path('out.tar'), name);
    expect(error).toContain('not found');
    return { digest, error };
  }),
);

scenario('images convert makes the same images as the peer', async (side) => {
  const results = [];
  for (const [image, flags] of [
    [index, ['--uncompress', '--all-platforms']],
    [index, ['--uncompress']],
    [index, ['--platform', `linux/${otherArchitecture}`]],
    [docker, ['--oci']],
    [docker, ['--uncompress', '--oci']],
    [docker, ['--uncompress']],
  ] as const) {
    results.push(
      await inNamespace(side, async ({ importEntries, ctr, images, stores }) => {
        await importEntries(layoutEntries([{ image, name }]), '--all-platforms', '--no-unpack');
        const printed = await ctr.ok('images', 'convert', ...flags, name, 'example.org/made:1');
        const made = (await images()).find((each) => each.name === 'example.org/made:1');
        expect(printed.trim()).toBe(made?.digest);
        expect(made?.digest).not.toBe(image.root.digest);
        await ctr.ok('images', 'rm', '--sync', name);
        const { blobs } = await stores();
        return { flags, made, blobs };
      }),
    );
  }
  return results;
});

scenario('a converted image runs', async ({ ctr, daemon }) => {
  const path = join(daemon.folder, 'box.tar');
  await writeArchive(path, layoutEntries([{ image: box, name }]));
  await ctr.ok('images', 'import', '--no-unpack', path);
  await ctr.ok('images', 'convert', '--uncompress', '--oci', name, 'example.org/made:1');
  await ctr.ok('images', 'rm', '--sync', name);
  await ctr.ok(
    'snapshots',
    'unpack',
    (await ctr.ok('images', 'ls', 'name==example.org/made:1')).match(/sha256:\w+/)?.[0] ?? '',
  );
  const output = await ctr.ok('run', '--rm', 'example.org/made:1', 'made', 'cat', '/etc/motd');
  expect(output).toBe('from an archive\n');
  await ctr.ok('images', 'rm', '--sync', 'example.org/made:1');
});
