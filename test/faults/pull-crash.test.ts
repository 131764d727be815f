import { afterAll, beforeAll, expect, test } from 'vitest';
import { registryImage, storedImage } from '../../client/transfer/endpoints.ts';
import { transfer } from '../../client/transfer/transfer.ts';
import { FaultyRegistry } from '../helpers/faulty-registry.ts';
import { machineArchitecture, noiseLayer, type OciImage, ociImage } from '../helpers/oci-image.ts';
import { UnpackWorld } from '../integration/unpack-world.ts';
import { pointsOfPulling, pointsOfUnpacking } from './moments.ts';

const platform = { os: 'linux', architecture: machineArchitecture };
const layerBytes = 3_000_000;
let world: UnpackWorld;
let registry: FaultyRegistry;
let count = 0;

beforeAll(async () => {
  [world, registry] = await Promise.all([UnpackWorld.start(), FaultyRegistry.start()]);
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

async function pull(namespace: string, image: OciImage): Promise<void> {
  const reference = registry.add(namespace, 'v1', image);
  const target = storedImage({ name: reference, platforms: [platform], unpacks: [{ platform }] });
  await transfer(world.client(namespace), registryImage(reference, { defaultScheme: 'http' }), target);
}

const images = async (namespace: string) =>
  (await world.client(namespace).service('containerd.services.images.v1.Images').List({})).images;

/** Passes of each point in one pull: the manifest, the config and three layers. */
const passesOf: Readonly<Record<string, number>> = {
  'pull.blob.opened': 5,
  'pull.blob.filled': 5,
  'pull.blob.committed': 5,
  'content.write.written': 9,
};
const points = [...pointsOfPulling, ...pointsOfUnpacking, 'content.write.written', 'content.commit.recorded'];
const moments = points.flatMap((point) => {
  const passes = passesOf[point] ?? 1;
  return [1, Math.ceil(passes / 2), passes]
    .filter((pass, index, all) => all.indexOf(pass) === index)
    .map((pass) => ({ point, pass }));
});

test.for(moments)('a pull goes on after the daemon was killed at $point, pass $pass', async ({ point, pass }) => {
  count += 1;
  const namespace = `pull-${count}`;
  // Another one each time, for what one namespace has the others need not be sent.
  const names = ['one', 'two', 'three'].map((name) => `${name} ${count}`);
  const image = ociImage({ layers: await Promise.all(names.map((name) => noiseLayer(name, layerBytes))) });
  await world.setFailpoint(point, `${pass > 1 ? `${pass - 1}*off->` : ''}1*crash`);
  await expect(pull(namespace, image)).rejects.toMatchObject({ kind: 'unavailable' });
  await world.restart();
  const isSaved = point === 'pull.image.saved';
  expect(await images(namespace)).toHaveLength(isSaved ? 1 : 0);
  // What had come is kept for this.
  await world.collectGarbage(namespace);
  expect(await world.findings()).toEqual([]);
  const asked = registry.requests.length;
  const content = world.client(namespace).service('containerd.services.content.v1.Content');
  const kept = new Map<string, number>();
  for await (const { info } of content.List({})) for (const { digest, size } of info) kept.set(digest, size);
  const { statuses } = await content.ListStatuses({});
  for (const { ref, offset } of statuses) kept.set(ref.slice(ref.indexOf('-') + 1), offset);
  await pull(namespace, image);
  for (const [digest, bytes] of image.blobs) {
    // To learn what the tag names takes no more than the manifest.
    if (digest === image.root.digest) continue;
    expect(registry.bytesSent(digest, asked), digest).toBe(bytes.length - (kept.get(digest) ?? 0));
  }
  expect(await images(namespace)).toHaveLength(1);
  expect(await world.leases(namespace)).toEqual([]);
  await world.collectGarbage(namespace);
  expect(await world.findings()).toEqual([]);
  expect([...(await world.snapshots(namespace)).values()]).toEqual(['COMMITTED', 'COMMITTED', 'COMMITTED']);
});
