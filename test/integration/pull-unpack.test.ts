import { afterAll, beforeAll, expect, test } from 'vitest';
import { registryImage, storedImage } from '../../client/transfer/endpoints.ts';
import { transfer } from '../../client/transfer/transfer.ts';
import { eventually } from '../helpers/eventually.ts';
import { type Fault, FaultyRegistry } from '../helpers/faulty-registry.ts';
import { machineArchitecture, noiseLayer, type OciImage, ociImage } from '../helpers/oci-image.ts';
import { UnpackWorld } from './unpack-world.ts';

const platform = { os: 'linux', architecture: machineArchitecture };
const layerBytes = 5_000_000;
let world: UnpackWorld;
let registry: FaultyRegistry;
let image: OciImage;

beforeAll(async () => {
  [world, registry] = await Promise.all([UnpackWorld.start(), FaultyRegistry.start()]);
  image = ociImage({ layers: await Promise.all(['one', 'two'].map((name) => noiseLayer(name, layerBytes))) });
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

async function pull(namespace: string, from = image): Promise<void> {
  const reference = registry.add(namespace, 'v1', from);
  const target = storedImage({ name: reference, platforms: [platform], unpacks: [{ platform }] });
  await transfer(world.client(namespace), registryImage(reference, { defaultScheme: 'http' }), target);
}

/** Digests of the layers, bottom first. */
function layersOf({ root, blobs }: OciImage): string[] {
  const { layers } = JSON.parse(String(blobs.get(root.digest)));
  return layers.map(({ digest }: { digest: string }) => digest);
}

/** Sends most of it, and the rest, or what `change` makes of it, when the gate opens. */
function holds(gate: Promise<void>, change = (rest: Buffer) => rest): Fault {
  return (exchange) => {
    const { content } = exchange;
    if (content === undefined) return false;
    return (async () => {
      const { bytes } = content;
      const most = bytes.length - 100_000;
      exchange.head(200, { 'content-length': bytes.length });
      await exchange.send(bytes.subarray(0, most));
      await gate;
      await exchange.send(change(bytes.subarray(most)));
      await exchange.cut();
    })();
  };
}

test('layers are extracted while they come, and committed only when they are whole', async () => {
  const gate = Promise.withResolvers<void>();
  for (const name of layersOf(image)) registry.on({ kind: 'blob', name }, holds(gate.promise));
  const prepared = await world.passes('unpack.layer.prepared');
  const pulling = pull('early');
  await eventually(async () => expect(await world.passes('unpack.layer.prepared')).toBe(prepared + 2));
  const { statuses } = await world.client('early').service('containerd.services.content.v1.Content').ListStatuses({});
  expect(statuses.map(({ ref }) => ref).sort()).toEqual(
    layersOf(image)
      .map((name) => `layer-${name}`)
      .sort(),
  );
  expect([...(await world.snapshots('early')).values()]).toEqual(['ACTIVE', 'ACTIVE']);
  registry.heal();
  gate.resolve();
  await pulling;
  expect([...(await world.snapshots('early')).values()]).toEqual(['COMMITTED', 'COMMITTED']);
  expect(await world.passes('unpack.layer.prepared')).toBe(prepared + 2);
  expect(await world.leases('early')).toEqual([]);
});

test('a layer whose last bytes are wrong leaves nothing of what was extracted', async () => {
  const other = ociImage({ layers: [await noiseLayer('three', layerBytes)] });
  const [layer = ''] = layersOf(other);
  const damaged = (rest: Buffer) => Buffer.from(rest).fill(1, rest.length - 8);
  registry.on({ kind: 'blob', name: layer }, holds(Promise.resolve(), damaged));
  await expect(pull('wrong', other)).rejects.toMatchObject({
    kind: 'failed-precondition',
    message: expect.stringContaining(`blob ${layer}: what was sent has digest sha256:`),
  });
  expect(await world.snapshots('wrong')).toEqual(new Map());
  registry.heal();
  await pull('wrong', other);
  expect([...(await world.snapshots('wrong')).values()]).toEqual(['COMMITTED']);
  expect(await world.leases('wrong')).toEqual([]);
  expect(await world.findings()).toEqual([]);
});

test('ten pulls at once bring and extract each layer once', async () => {
  const asked = registry.requests.length;
  const prepared = await world.passes('unpack.layer.prepared');
  const more = ociImage({ layers: await Promise.all(['a', 'b', 'c'].map((name) => noiseLayer(name, 400_000))) });
  await Promise.all(Array.from({ length: 10 }, () => pull('many', more)));
  for (const layer of layersOf(more)) {
    expect(registry.bytesSent(layer, asked)).toBe(more.blobs.get(layer)?.length);
  }
  expect(await world.passes('unpack.layer.prepared')).toBe(prepared + 3);
  expect(await world.leases('many')).toEqual([]);
});
