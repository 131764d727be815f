import { afterAll, beforeAll, expect, test } from 'vitest';
import { GantryError } from '../../base/errors.ts';
import { type PushOptions, pushImage } from '../../client/transfer/push.ts';
import { first, onlyFor, says } from '../helpers/faults.ts';
import { type Fault, FaultyRegistry } from '../helpers/faulty-registry.ts';
import { noiseLayer, type OciImage, ociImage } from '../helpers/oci-image.ts';
import { expectError, PullSide, peakBytes, resetPeak } from '../helpers/pull-side.ts';
import { registryUser } from '../helpers/registry.ts';
import type { TokenOptions } from '../helpers/token-issuer.ts';

// What the daemon pushes by itself, to registries that are slow to take it.

const stack = new AsyncDisposableStack();
let source: FaultyRegistry;
let puller: PullSide;
let image: OciImage;
let local: string;

beforeAll(async () => {
  source = stack.use(await FaultyRegistry.start());
  puller = stack.use(await PullSide.start());
  image = ociImage({ layers: [await noiseLayer('small', 1_000), await noiseLayer('large', 1_500_000)] });
  local = source.add('source', '1', image);
  await puller.pull(local);
});

afterAll(() => stack.disposeAsync());

const withPassword: PushOptions = { findCredentials: async () => ({ kind: 'basic', ...registryUser }) };

const push = (target: string, options: PushOptions = {}) =>
  pushImage(puller.side.client, local, { target, defaultScheme: 'http', ...options });

async function pushFails(target: string, options: PushOptions = {}): Promise<GantryError> {
  const error = await push(target, options).then(
    () => Promise.reject(new Error(`${target} was pushed`)),
    (reason: unknown) => reason,
  );
  if (!(error instanceof GantryError)) throw error;
  return error;
}

/** Everything of the image is in the repository, byte by byte. */
function expectPushed(registry: FaultyRegistry, repository: string): void {
  for (const [digest, bytes] of image.blobs) expect(registry.find(repository, digest)).toEqual(bytes);
  expect(registry.find(repository, '1')).toEqual(image.blobs.get(image.root.digest));
}

test.each<{ readonly name: string; readonly tokens: TokenOptions }>([
  { name: 'tokens by GET', tokens: { post: false } },
  { name: 'tokens by POST', tokens: {} },
  { name: 'tokens that expire soon', tokens: { lifeS: 1 } },
])('push with $name', async ({ tokens }) => {
  await using registry = await FaultyRegistry.start({ tokens });
  await push(`${registry.host}/team/app:1`, withPassword);
  expectPushed(registry, 'team/app');
  const since = registry.requests.length;
  await push(`${registry.host}/team/app:1`, withPassword);
  const again = registry.requests.slice(since).map(({ method, kind }) => `${method} ${kind}`);
  expect(again.join()).not.toMatch(/upload|PUT/);
});

test('push with tokens that only let read is refused', async () => {
  await using registry = await FaultyRegistry.start({ tokens: { anonymous: true } });
  const error = await pushFails(`${registry.host}/team/app:1`);
  expectError(error, 'unauthenticated', registry.host);
  expect(registry.find('team/app', '1')).toBeUndefined();
});

test('push to another repository of a host mounts what came from it', async () => {
  const since = source.requests.length;
  await push(`${source.host}/team/other:1`);
  expectPushed(source, 'team/other');
  const sent = source.requests.slice(since).filter(({ method }) => method === 'PATCH' || method === 'PUT');
  expect(sent.map(({ kind }) => kind)).toEqual(['manifest']);
});

const passing: { readonly name: string; readonly fault: () => Fault }[] = [
  { name: '500 at the beginning of an upload', fault: () => first(2, onlyFor('POST', says(500))) },
  { name: '503 in the middle of an upload', fault: () => first(1, onlyFor('PUT', says(503))) },
  { name: '429 with Retry-After', fault: () => first(2, onlyFor('POST', says(429, '', { 'retry-after': '1' }))) },
  {
    name: 'a connection that breaks',
    fault: () =>
      first(
        1,
        onlyFor('PUT', (exchange) => exchange.cut()),
      ),
  },
];

test.each(passing)('push goes on after $name', async ({ fault }) => {
  await using registry = await FaultyRegistry.start();
  registry.on('upload', fault());
  await push(`${registry.host}/team/app:1`);
  expectPushed(registry, 'team/app');
});

test('push does not name an image whose layer was refused', async () => {
  await using registry = await FaultyRegistry.start();
  registry.on(
    'upload',
    onlyFor('PUT', (exchange) => exchange.refuse(413, 'SIZE_INVALID', 'too large for us')),
  );
  const error = await pushFails(`${registry.host}/team/app:1`);
  expectError(error, 'resource-exhausted', /too large for us/);
  expect(error.message).toContain(registry.host);
  expect(registry.find('team/app', '1')).toBeUndefined();
});

test('push says which host refuses the manifest, and why', async () => {
  await using registry = await FaultyRegistry.start();
  registry.on(
    'manifest',
    onlyFor('PUT', (exchange) => exchange.refuse(400, 'MANIFEST_INVALID', 'not to our taste')),
  );
  const error = await pushFails(`${registry.host}/team/app:1`);
  expectError(error, 'invalid-argument', /manifest_invalid \(not to our taste\)/);
  expect(error.message).toContain(registry.host);
});

test('uploads are continued where a registry says, credentials stay', async () => {
  await using other = await FaultyRegistry.start({ address: '127.0.0.2' });
  await using registry = await FaultyRegistry.start({ tokens: {} });
  registry.on('upload', (exchange) => {
    if (exchange.served.method !== 'POST' || registry.tokens?.accepts(exchange.served) === false) return false;
    return exchange.answer(202, '', { location: `${other.url}/v2/elsewhere/blobs/uploads/1?state=signed` });
  });
  const error = await pushFails(`${registry.host}/team/app:1`, withPassword);
  expect(error.message).not.toContain('signed');
  expect(other.requests.length).toBeGreaterThan(0);
  const told = JSON.stringify(other.requests);
  expect(told).not.toContain('authorization');
  for (const secret of registry.tokens?.secrets ?? []) expect(told).not.toContain(secret);
});

test('push needs little memory, however large a layer is', async () => {
  await using registry = await FaultyRegistry.start();
  const sizeBytes = 192 * 1024 * 1024;
  const large = ociImage({ layers: [await noiseLayer('huge', sizeBytes)], compression: 'none' });
  const reference = source.add('huge', '1', large);
  await puller.pull(reference, { unpack: false });
  const { pid } = puller.side.daemon;
  resetPeak(pid);
  const before = peakBytes(pid);
  await pushImage(puller.side.client, reference, { target: `${registry.host}/huge:1`, defaultScheme: 'http' });
  expect(registry.find('huge', '1')).toEqual(large.blobs.get(large.root.digest));
  expect(peakBytes(pid) - before).toBeLessThan(0.4 * sizeBytes);
});
