import { once } from 'node:events';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { fetch } from 'undici';
import { expect, test } from 'vitest';
import { cutsAt, damaged, drips, first, floods, redirectsTo, says, serves } from './faults.ts';
import { FaultyRegistry } from './faulty-registry.ts';
import { noiseLayer, ociImage } from './oci-image.ts';
import { registryUser } from './registry.ts';
import { pushBySkopeo, skopeo } from './skopeo.ts';

const credentials = `${registryUser.username}:${registryUser.password}`;

async function layered() {
  const image = ociImage({ layers: [await noiseLayer('a', 50_000), await noiseLayer('b', 1000)] });
  const [layer] = [...image.blobs].sort(([, a], [, b]) => b.length - a.length);
  return { image, layer: layer?.[0] ?? '', bytes: layer?.[1] as Buffer };
}

const bodyOf = async (url: string, headers = {}) => {
  const response = await fetch(url, { headers });
  return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
};

test('skopeo pulls and pushes with tokens, but not without', async () => {
  await using registry = await FaultyRegistry.start({ tokens: {} });
  const { image } = await layered();
  const name = registry.add('some/box', '1', image);
  const creds = `--creds=${credentials}`;
  expect(Buffer.from(await skopeo('inspect', '--raw', creds, `docker://${name}`))).toEqual(
    image.blobs.get(image.root.digest),
  );
  await expect(skopeo('inspect', '--raw', `docker://${name}`)).rejects.toThrow(/unauthorized|authentication/);
  await pushBySkopeo(image, `${registry.host}/other:1`, `--dest-creds=${credentials}`);
  expect(registry.find('other', image.root.digest)).toEqual(image.blobs.get(image.root.digest));
  expect(registry.requests.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['token', 'upload', 'manifest']));
});

test('anonymous tokens are good for pulling alone', async () => {
  await using registry = await FaultyRegistry.start({ tokens: { anonymous: true } });
  const { image } = await layered();
  await skopeo('inspect', '--raw', `docker://${registry.add('box', '1', image)}`);
  await expect(pushBySkopeo(image, `${registry.host}/other:1`)).rejects.toThrow(/unauthorized|authentication/);
});

test('parts of blobs are served and counted', async () => {
  await using registry = await FaultyRegistry.start();
  const { image, layer, bytes } = await layered();
  registry.add('box', '1', image);
  const url = `${registry.url}/v2/box/blobs/${layer}`;
  const part = await bodyOf(url, { range: 'bytes=10-19' });
  expect(part).toEqual({ status: 206, body: bytes.subarray(10, 20) });
  expect((await bodyOf(url)).body).toEqual(bytes);
  expect(registry.bytesSent(layer)).toBe(bytes.length + 10);
  expect(registry.bytesSent(layer, 1)).toBe(bytes.length);
});

test('faults: the latest first, some only a few times, none once healed', async () => {
  await using other = await FaultyRegistry.start({ address: '127.0.0.2' });
  await using registry = await FaultyRegistry.start();
  const { image, layer, bytes } = await layered();
  registry.add('box', '1', image);
  const url = `${registry.url}/v2/box/blobs/${layer}`;
  registry.on({ kind: 'blob', name: layer }, redirectsTo(other.url));
  registry.on('blob', serves(damaged));
  registry.on('blob', first(1, says(429, 'later', { 'retry-after': '1' })));
  expect((await bodyOf(url)).status).toBe(429);
  expect((await bodyOf(url)).status).toBe(404);
  expect(other.requests).toMatchObject([{ kind: 'blob', name: layer, status: 404 }]);
  registry.heal();
  expect((await bodyOf(url)).body).toEqual(bytes);
});

test('faults of the body: cut, slow, endless', async () => {
  await using registry = await FaultyRegistry.start();
  const { image, layer } = await layered();
  registry.add('box', '1', image);
  const url = `${registry.url}/v2/box/blobs/${layer}`;
  registry.on('blob', first(1, cutsAt(0.3)));
  await expect(bodyOf(url)).rejects.toThrow('terminated');
  registry.heal();
  registry.on('blob', first(1, drips(60_000)));
  const aborted = await fetch(url);
  await aborted.body?.cancel();
  registry.heal();
  registry.on('blob', floods(1 << 24));
  expect((await bodyOf(url)).body).toHaveLength(1 << 24);
  const { port } = new URL(registry.url);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  const closed = buffer(socket);
  await registry.close();
  await closed;
});
