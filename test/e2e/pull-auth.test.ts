import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { PullOptions } from '../../client/transfer/pull.ts';
import { pushImage } from '../../client/transfer/push.ts';
import { CertificateAuthority } from '../helpers/certificates.ts';
import { first, redirectsTo, says } from '../helpers/faults.ts';
import { FaultyRegistry, type FaultyRegistryOptions } from '../helpers/faulty-registry.ts';
import { document, noiseLayer, type OciImage, ociImage, sha256 } from '../helpers/oci-image.ts';
import { TempFolder } from '../helpers/paths.ts';
import { expectError, PullSide } from '../helpers/pull-side.ts';
import { Registry, registryUser } from '../helpers/registry.ts';
import { pushBySkopeo, skopeo } from '../helpers/skopeo.ts';
import type { TokenOptions } from '../helpers/token-issuer.ts';

// Who may pull: tokens and passwords reach those whom they are for, and are never shown.

const stack = new AsyncDisposableStack();
let puller: PullSide;
let image: OciImage;
let authority: CertificateAuthority;
let hostsFolder: string;

beforeAll(async () => {
  const folder = stack.use(new TempFolder()).path;
  authority = new CertificateAuthority(folder);
  hostsFolder = join(folder, 'hosts');
  puller = stack.use(await PullSide.start());
  image = ociImage({ layers: [await noiseLayer('first', 100_000), await noiseLayer('second', 200_000)] });
});

afterEach(() => puller.clear());
afterAll(() => stack.disposeAsync());

const withPassword = { findCredentials: async () => ({ kind: 'basic', ...registryUser }) } satisfies PullOptions;

/** A registry with the image in it. */
async function start(tokens: TokenOptions | undefined, options: FaultyRegistryOptions = {}) {
  const registry = await FaultyRegistry.start({ ...options, ...(tokens && { tokens }) });
  return Object.assign(registry, { reference: registry.add('private/box', '1', image) });
}

const pullable: { readonly name: string; readonly tokens: TokenOptions; readonly options: PullOptions }[] = [
  { name: 'tokens for anybody', tokens: { anonymous: true }, options: {} },
  { name: 'a password, for a token by GET', tokens: { post: false }, options: withPassword },
  { name: 'a password, for a token by GET or POST', tokens: {}, options: withPassword },
  { name: 'tokens that expire soon', tokens: { lifeS: 1 }, options: withPassword },
  { name: 'tokens of a clock an hour behind', tokens: { skewS: -3600 }, options: withPassword },
  { name: 'tokens of a clock an hour ahead', tokens: { skewS: 3600 }, options: withPassword },
];

test.each(pullable)('$name', async ({ tokens, options }) => {
  await using registry = await start(tokens);
  expect(await puller.pull(registry.reference, options)).toBe(image.root.digest);
  // One token serves for all that it is good for.
  expect(registry.requests.filter(({ kind }) => kind === 'token').length).toBeLessThanOrEqual(3);
  for (const secret of registry.tokens?.secrets ?? []) expect(puller.side.log).not.toContain(secret);
});

test('a refresh token', async () => {
  await using registry = await start({});
  const token = registry.tokens?.refreshToken ?? '';
  const options: PullOptions = { findCredentials: async () => ({ kind: 'refresh-token', token }) };
  expect(await puller.pull(registry.reference, options)).toBe(image.root.digest);
});

test('tokens that are worthless in the middle of a pull are asked for again', async () => {
  await using registry = await start({});
  registry.on(
    'blob',
    first(1, (exchange) => {
      registry.tokens?.expireAll();
      return registry.tokens?.challenge(exchange) ?? false;
    }),
  );
  expect(await puller.pull(registry.reference, withPassword)).toBe(image.root.digest);
});

test('nobody is asked for without credentials, and that is said', async () => {
  await using registry = await start({});
  const secrets = registry.tokens?.secrets ?? [];
  const error = await puller.fails(registry.reference, { secrets });
  expectError(error, 'unauthenticated', /credentials/);
  expect(error.message).toContain(registry.host);
});

test('a wrong password is refused with what the registry says', async () => {
  await using registry = await start({});
  const password = 'not the right one';
  const error = await puller.fails(registry.reference, {
    findCredentials: async () => ({ kind: 'basic', username: 'hand', password }),
    secrets: [password, Buffer.from(`hand:${password}`).toString('base64')],
  });
  expectError(error, 'unauthenticated', /incorrect username or password/);
  expect(registry.requests.length).toBeLessThan(20);
});

test('a registry that refuses every token is not asked for ever', async () => {
  await using registry = await start({ refusing: true });
  const error = await puller.fails(registry.reference, { ...withPassword, secrets: registry.tokens?.secrets ?? [] });
  expectError(error, 'unauthenticated', /401 unauthorized/);
  expect(registry.requests.length).toBeLessThan(20);
});

test('an answer of the token server that is no token', async () => {
  await using registry = await start({});
  registry.on('token', says(200, '<html>log in</html>', { 'content-type': 'text/html' }));
  const error = await puller.fails(registry.reference, { ...withPassword, secrets: registry.tokens?.secrets ?? [] });
  expect(error.message).toMatch(/token/);
  expect(registry.requests.length).toBeLessThan(30);
});

test('a realm that is no URL, or plain where the registry is not', async () => {
  await using registry = await start({});
  const challenge = (realm: string) => says(401, '', { 'www-authenticate': `Bearer realm="${realm}",service="x"` });
  for (const realm of ['file:///etc/passwd', 'not a url', '']) {
    registry.on('manifest', challenge(realm));
    const error = await puller.fails(registry.reference, withPassword);
    expect(error.kind).toMatch(/unauthenticated|failed-precondition/);
    registry.heal();
  }
});

test.each(['manifest', 'blob'] as const)('no credentials go where a %s is redirected to', async (kind) => {
  await using other = await start(undefined, { address: '127.0.0.2' });
  await using registry = await start({});
  registry.on(kind, (exchange) => {
    if (registry.tokens?.accepts(exchange.served) === false) return false;
    return redirectsTo(other.url)(exchange);
  });
  const headers = { 'x-admin': 'let-me-in-please' };
  expect(await puller.pull(registry.reference, { ...withPassword, headers })).toBe(image.root.digest);
  expect(other.requests.filter((served) => served.kind === kind).length).toBeGreaterThan(0);
  const told = JSON.stringify(other.requests);
  for (const secret of [...(registry.tokens?.secrets ?? []), headers['x-admin']]) expect(told).not.toContain(secret);
  expect(told).not.toContain('authorization');
});

test('signed URLs that lead nowhere are not shown', async () => {
  await using registry = await start({ anonymous: true });
  const signature = 'X-Amz-Signature=5ig9ature5ig9ature';
  registry.on('blob', says(307, '', { location: `http://user:hidden-word@127.0.0.1:9/blob?${signature}` }));
  const error = await puller.fails(registry.reference, { secrets: [signature, '5ig9ature', 'hidden-word'] });
  expectError(error, 'unavailable', /connection refused|bad port/);
});

test('TLS that does not verify, then with its authority known', async () => {
  const issued = authority.issue('server');
  await using registry = await start({}, { tls: issued, address: '127.0.0.3' });
  // Hosts of loopback are not asked for their certificates, unless somebody has configured them.
  const write = (text: string) => {
    mkdirSync(join(hostsFolder, registry.host), { recursive: true });
    writeFileSync(join(hostsFolder, registry.host, 'hosts.toml'), text);
  };
  const options: PullOptions = { ...withPassword, hostsDir: hostsFolder, defaultScheme: 'https' };
  write(`server = "${registry.url}"\n[host."${registry.url}"]\n`);
  const error = await puller.fails(registry.reference, options);
  expectError(error, 'unavailable', /certificate/);
  expect(registry.requests).toEqual([]);
  write(`server = "${registry.url}"\n[host."${registry.url}"]\nca = "${authority.certificatePath}"\n`);
  expect(await puller.pull(registry.reference, options)).toBe(image.root.digest);
});

test("Debian's registry with TLS and a password is pulled from and pushed to", async () => {
  await using registry = await Registry.start({ tls: authority.issue('debian'), password: true });
  const { foreignHost: host } = registry;
  await pushBySkopeo(image, `${host}/box:1`, `--dest-creds=${registryUser.username}:${registryUser.password}`);
  mkdirSync(join(hostsFolder, host), { recursive: true });
  writeFileSync(join(hostsFolder, host, 'hosts.toml'), `ca = "${authority.certificatePath}"\n`);
  const options = { ...withPassword, hostsDir: hostsFolder, defaultScheme: undefined };
  expect(await puller.pull(`${host}/box:1`, options)).toBe(image.root.digest);
  await pushImage(puller.side.client, `${host}/box:1`, { ...options, target: `${host}/pushed:1` });
  const raw = await skopeo(
    'inspect',
    '--raw',
    `--creds=${registryUser.username}:${registryUser.password}`,
    `docker://${host}/pushed:1`,
  );
  expect(sha256(raw)).toBe(image.root.digest);
  await puller.clear();
  const error = await puller.fails(`${host}/box:1`, { hostsDir: hostsFolder, defaultScheme: undefined });
  expectError(error, 'unauthenticated', /401 unauthorized.*asked without credentials/);
});

test('TLS is not left for plain HTTP by a redirect', async () => {
  await using plain = await start(undefined, { address: '127.0.0.2' });
  await using registry = await start({}, { tls: authority.issue('other-server') });
  registry.on('blob', redirectsTo(plain.url));
  const error = await puller.fails(registry.reference, { ...withPassword, defaultScheme: undefined });
  expectError(error, 'failed-precondition', /redirects from https to http:\/\/127\.0\.0\.2/);
  expect(plain.requests).toEqual([]);
});

test('foreign layers come from their URLs, without what lets us in', async () => {
  await using registry = await start({});
  await using owner = await FaultyRegistry.start({ address: '127.0.0.2' });
  const manifest = JSON.parse(String(image.blobs.get(image.root.digest))) as { layers: { digest: string }[] };
  const [digest = ''] = manifest.layers.map((layer) => layer.digest);
  owner.add('layers', '1', image);
  registry.on({ kind: 'blob', name: digest }, (exchange) =>
    registry.tokens?.accepts(exchange.served) ? exchange.refuse(404, 'BLOB_UNKNOWN', 'not here') : false,
  );
  const missing = await puller.fails(registry.reference, withPassword);
  expectError(missing, 'not-found', digest);
  const url = `${owner.url}/v2/layers/blobs/${digest}`;
  const foreign = foreignImage(image, url);
  const reference = registry.add('private/foreign', '1', foreign);
  expect(await puller.pull(reference, withPassword)).toBe(foreign.root.digest);
  expect(owner.requests.length).toBeGreaterThan(0);
  expect(JSON.stringify(owner.requests)).not.toContain('authorization');
});

/** The same image, whose first layer is to be had from its owner. */
function foreignImage({ root, blobs }: OciImage, url: string): OciImage {
  const manifest = JSON.parse(String(blobs.get(root.digest))) as { layers: object[] };
  const mediaType = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip';
  const layers = manifest.layers.map((layer, index) => (index === 0 ? { ...layer, mediaType, urls: [url] } : layer));
  return document(root.mediaType, { ...manifest, layers }, [...blobs.values()]);
}
