import { afterAll, beforeAll, expect } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { collectWhenAsked } from '../helpers/collection.ts';
import {
  busyboxOciImage,
  machineArchitecture,
  noiseLayer,
  type OciImage,
  ociImage,
  ociIndex,
  sha256,
} from '../helpers/oci-image.ts';
import { Registry } from '../helpers/registry.ts';
import type { Side } from '../helpers/side.ts';
import { pushBySkopeo } from '../helpers/skopeo.ts';
import { storesOf } from '../helpers/stores.ts';

// What a pull leaves is compared: no collection may come between.
const { scenario } = bothDaemons({ daemon: { config: collectWhenAsked } });

let registry: Registry;
let index: OciImage;

beforeAll(async () => {
  registry = await Registry.start();
  const layer = (name: string) => noiseLayer(name, 200_000);
  const shared = await layer('shared');
  const box = await busyboxOciImage({ layers: [[{ name: 'etc/motd', content: 'from the registry\n' }]] });
  const other = ociImage({ layers: [shared, await layer('other')], architecture: 's390x' });
  index = ociIndex([
    { image: box, architecture: machineArchitecture },
    { image: other, architecture: 's390x' },
  ]);
  const docker = ociImage({ types: 'docker', layers: [shared, await layer('second'), await layer('third')] });
  const twice = ociImage({ layers: [shared, await layer('between'), shared] });
  for (const [target, image] of Object.entries({ 'two/platforms:1': index, 'docker:1': docker, 'twice:1': twice })) {
    await pushBySkopeo(image, `${registry.host}/${target}`);
  }
});

afterAll(() => registry?.close());

/** Pulls into a namespace of the scenario's own, tells what is there then, and removes it. */
async function pulled({ ctr, client, namespace }: Side, target: string, ...flags: string[]) {
  const own = `${namespace}-p`;
  const printed = await ctr.in(own).ok('images', 'pull', '--plain-http', ...flags, `${registry.host}/${target}`);
  const stores = await storesOf(client.with({ namespace: own }));
  for (const { name } of stores.images) await ctr.in(own).ok('images', 'rm', '--sync', name);
  const after = await storesOf(client.with({ namespace: own }));
  expect(after).toEqual({ images: [], blobs: [], writing: [], snapshots: [], leases: [] });
  return { ...stores, printed };
}

scenario('images pull takes of an index what is for this machine', async (side) => {
  const { printed, ...stores } = await pulled(side, 'two/platforms:1');
  expect(stores.images).toMatchObject([{ name: `${registry.host}/two/platforms:1`, digest: index.root.digest }]);
  expect(stores.blobs).toHaveLength(5);
  expect(stores.snapshots).toHaveLength(2);
  expect(stores.leases).toEqual([]);
  const labels = stores.blobs.find(({ digest }) => digest === index.root.digest)?.labels ?? {};
  expect(labels['containerd.io/distribution.source.127.0.0.1']).toBe('two/platforms');
  expect(Object.keys(labels).filter((label) => label.includes('gc.ref.content'))).not.toHaveLength(0);
  return stores;
});

scenario('images pull takes another platform, or all', async (side) => {
  const { printed: _, ...other } = await pulled(side, 'two/platforms:1', '--platform', 'linux/s390x');
  expect(other.snapshots).toHaveLength(2);
  const { printed: __, ...metadata } = await pulled(side, 'two/platforms:1', '--all-metadata');
  expect(metadata.blobs.length).toBeGreaterThan(5);
  const { printed: ___, ...all } = await pulled(side, 'two/platforms:1', '--all-platforms');
  expect(all.blobs).toHaveLength(index.blobs.size);
  return { other, metadata, all };
});

scenario('images pull takes images with the media types of Docker, and a layer that comes twice', async (side) => {
  const { printed: _, ...docker } = await pulled(
    side,
    'docker:1',
    '--label',
    'colour=red',
    '--snapshotter',
    'overlayfs',
  );
  expect(docker.snapshots).toHaveLength(3);
  const { printed: __, ...twice } = await pulled(side, 'twice:1');
  expect(twice.blobs).toHaveLength(4);
  expect(twice.snapshots).toHaveLength(3);
  return { docker, twice };
});

scenario('images pull by digest, of what is there already, asks for no blob', async (side) => {
  const { ctr, client } = side;
  const name = `${registry.host}/docker:1`;
  await ctr.ok('images', 'pull', '--plain-http', name);
  const { digest } = (await storesOf(client)).images[0] ?? { digest: '' };
  const before = registry.log.length;
  const byDigest = `${registry.host}/docker@${digest}`;
  expect(await ctr.ok('images', 'pull', '--plain-http', byDigest)).toContain('done');
  const asked = registry.log.slice(before).match(/"(GET|HEAD) [^ ]*/g) ?? [];
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.join()).not.toContain('/blobs/');
  const stores = await storesOf(client);
  for (const image of [name, byDigest]) await ctr.ok('images', 'rm', '--sync', image);
  return { stores, asked };
});

scenario('what is pulled runs', async (side) => {
  const { ctr } = side;
  const name = `${registry.host}/two/platforms:1`;
  const chainId = (await ctr.ok('images', 'pull', '--plain-http', '--print-chainid', name)).match(/sha256:\w{64}$/m);
  expect(await ctr.ok('run', '--rm', name, 'reader', 'cat', '/etc/motd')).toBe('from the registry\n');
  const checked = await ctr.ok('images', 'check');
  expect(checked).toMatch(/complete \(3\/3\).*true/);
  await ctr.ok('images', 'rm', '--sync', name);
  return { chainId, checked };
});

scenario('content fetch and fetch-object take content without an image', async ({ ctr, client, namespace }) => {
  const own = ctr.in(`${namespace}-f`);
  const name = `${registry.host}/two/platforms:1`;
  await own.ok('content', 'fetch', '--plain-http', name);
  const fetched = await storesOf(client.with({ namespace: own.namespace }));
  expect(fetched.snapshots).toEqual([]);
  await own.ok('images', 'rm', '--sync', name);
  const manifest = await own.ok('content', 'fetch-object', '--plain-http', name);
  expect(sha256(manifest)).toBe(index.root.digest);
  return fetched;
});

scenario('images pull of what is not there fails, and leaves nothing', async ({ ctr, client }) => {
  const before = await storesOf(client);
  const errors: string[] = [];
  for (const target of ['absent:1', 'docker:absent', `docker@${sha256('absent')}`]) {
    errors.push(await ctr.fails('images', 'pull', '--plain-http', `${registry.host}/${target}`));
    expect(errors.at(-1)).toContain('not found');
  }
  errors.push(
    await ctr.fails(
      'images',
      'pull',
      '--plain-http',
      '--platform',
      'linux/riscv64',
      `${registry.host}/two/platforms:1`,
    ),
  );
  expect(errors.at(-1)).toContain('no match for platform in manifest');
  // The last one is the client's: it names the image before it looks for a platform.
  await ctr.ok('images', 'rm', '--sync', `${registry.host}/two/platforms:1`);
  expect(await storesOf(client)).toEqual(before);
  return errors;
});
