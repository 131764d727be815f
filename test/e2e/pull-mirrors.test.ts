import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { CertificateAuthority } from '../helpers/certificates.ts';
import { damaged, says, serves } from '../helpers/faults.ts';
import { FaultyRegistry } from '../helpers/faulty-registry.ts';
import { noiseLayer, type OciImage, ociImage } from '../helpers/oci-image.ts';
import { TempFolder } from '../helpers/paths.ts';
import { expectError, PullSide } from '../helpers/pull-side.ts';

// hosts.toml: which hosts are asked, in which order, and who is named when none of them can help.

const stack = new AsyncDisposableStack();
let first: FaultyRegistry;
let second: FaultyRegistry;
let upstream: FaultyRegistry;
let puller: PullSide;
let image: OciImage;
let folder: string;

beforeAll(async () => {
  folder = stack.use(new TempFolder()).path;
  first = stack.use(await FaultyRegistry.start({ address: '127.0.0.11' }));
  second = stack.use(await FaultyRegistry.start({ address: '127.0.0.12' }));
  upstream = stack.use(await FaultyRegistry.start({ address: '127.0.0.13' }));
  const config = `[plugins."io.containerd.transfer.v1.local"]\nconfig_path = "${join(folder, 'certs.d')}"`;
  puller = stack.use(await PullSide.start({ daemon: { config } }));
  image = ociImage({ layers: [await noiseLayer('mirrored', 200_000)] });
});

afterEach(() => puller.clear());
afterAll(() => stack.disposeAsync());

beforeEach(() => {
  for (const registry of [first, second, upstream]) {
    registry.heal();
    registry.empty();
    registry.requests.length = 0;
  }
  rmSync(join(folder, 'certs.d'), { recursive: true, force: true });
});

/** Writes the file for a registry, or for `_default`. */
function configure(registry: string, ...lines: readonly string[]): void {
  mkdirSync(join(folder, 'certs.d', registry), { recursive: true });
  writeFileSync(join(folder, 'certs.d', registry, 'hosts.toml'), `${lines.join('\n')}\n`);
}

const host = ({ url }: FaultyRegistry, ...lines: readonly string[]) => [`[host."${url}"]`, ...lines];
const pullAndResolve = 'capabilities = ["pull", "resolve"]';
const asked = (registry: FaultyRegistry) => [...new Set(registry.requests.map(({ kind }) => kind))].sort();

/** Pulls from a registry that only the file knows, and removes the image. */
async function pullOnce(reference: string): Promise<void> {
  expect(await puller.pull(reference, { defaultScheme: undefined })).toBe(image.root.digest);
}

test('mirrors are asked in their order, and told which registry is meant', async () => {
  first.add('team/app', '1', image);
  configure(
    'registry.test',
    `server = "${upstream.url}"`,
    ...host(first, pullAndResolve),
    ...host(second, pullAndResolve),
  );
  await pullOnce('registry.test/team/app:1');
  expect(asked(first)).toEqual(['blob', 'manifest']);
  expect([...second.requests, ...upstream.requests]).toEqual([]);
  for (const { path } of first.requests) expect(path).toContain('ns=registry.test');
});

test('a mirror without the image, or that fails, is passed over, down to the server', async () => {
  upstream.add('team/app', '1', image);
  first.on('manifest', says(503, 'being repaired'));
  configure(
    'registry.test',
    `server = "${upstream.url}"`,
    ...host(first, pullAndResolve),
    ...host(second, pullAndResolve),
  );
  await pullOnce('registry.test/team/app:1');
  expect(first.requests.length).toBeGreaterThan(0);
  expect(second.requests.length).toBeGreaterThan(0);
  expect(asked(upstream)).toContain('blob');
});

test('a mirror whose layers are damaged is named', async () => {
  first.add('team/app', '1', image);
  upstream.add('team/app', '1', image);
  first.on('blob', serves(damaged));
  configure('registry.test', `server = "${upstream.url}"`, ...host(first, pullAndResolve));
  const error = await puller.fails('registry.test/team/app:1', { defaultScheme: undefined });
  expectError(error, 'failed-precondition', new RegExp(`${first.host}: blob sha256:\\w{64}: .*digest`));
});

test('a mirror that does not listen costs no time, one that says nothing not much', async () => {
  const gone = await FaultyRegistry.start({ address: '127.0.0.14' });
  await gone.close();
  second.add('team/app', '1', image);
  configure(
    'registry.test',
    `server = "${upstream.url}"`,
    ...host(gone, pullAndResolve),
    ...host(second, pullAndResolve),
  );
  const startedAt = performance.now();
  await pullOnce('registry.test/team/app:1');
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test('the error names every host, and what each of them said', async () => {
  first.on('manifest', says(503, 'being repaired'));
  second.on('manifest', says(403, JSON.stringify({ errors: [{ code: 'DENIED', message: 'not for you' }] })));
  configure(
    'registry.test',
    `server = "${upstream.url}"`,
    ...host(first, pullAndResolve),
    ...host(second, pullAndResolve),
  );
  const error = await puller.fails('registry.test/team/app:1', { defaultScheme: undefined });
  expectError(error, 'not-found', /registry\.test\/team\/app/);
  expect(error.message).toMatch(new RegExp(`${first.host}: 503 service unavailable: being repaired`));
  expect(error.message).toMatch(new RegExp(`${second.host}: 403 forbidden: denied \\(not for you\\)`));
  expect(error.message).toMatch(new RegExp(`${upstream.host}: 404 not found: manifest_unknown`));
});

test('a mirror that may only be pulled from is not asked what a tag names', async () => {
  for (const registry of [first, upstream]) registry.add('team/app', '1', image);
  configure('registry.test', `server = "${upstream.url}"`, ...host(first, 'capabilities = ["pull"]'));
  await pullOnce('registry.test/team/app:1');
  expect(first.requests.map(({ name }) => name)).not.toContain('1');
  expect(asked(first)).toContain('blob');
  expect(upstream.requests.map(({ name }) => name)).toContain('1');
  expect(asked(upstream)).not.toContain('blob');
});

test('override_path, headers and the file for all that have none', async () => {
  first.add('proxy/team/app', '1', image);
  const headers = [`[host."${first.url}/v2/proxy".header]`, 'x-mirror = ["yes", "please"]'];
  configure('_default', `[host."${first.url}/v2/proxy"]`, pullAndResolve, 'override_path = true', ...headers);
  await pullOnce('elsewhere.test/team/app:1');
  expect(first.requests.length).toBeGreaterThan(0);
  for (const { headers: sent, path } of first.requests) {
    expect(path).toContain('ns=elsewhere.test');
    expect(sent['x-mirror']).toBe('yes, please');
  }
});

test('a file that says nothing sensible is named in the error', async () => {
  configure('registry.test', 'server = 7');
  const error = await puller.fails('registry.test/team/app:1', { defaultScheme: undefined });
  expectError(error, 'failed-precondition', join(folder, 'certs.d/registry.test/hosts.toml'));
  configure('registry.test', `[host."${first.url}"]`, 'ca = "absent.crt"');
  const absent = await puller.fails('registry.test/team/app:1', { defaultScheme: undefined });
  expect(absent.message).toContain('absent.crt');
});

test('client certificates and authorities of a host', async () => {
  const authority = new CertificateAuthority(folder);
  const client = authority.issue('client');
  await using secure = await FaultyRegistry.start({
    tls: authority.issue('server'),
    address: '127.0.0.3',
    clientsOf: authority,
  });
  secure.add('team/app', '1', image);
  const knowing = [pullAndResolve, `ca = "${authority.certificatePath}"`];
  configure('registry.test', `server = "${upstream.url}"`, ...host(secure, ...knowing));
  const error = await puller.fails('registry.test/team/app:1', { defaultScheme: undefined });
  expect(error.message).toContain(secure.host);
  const pair = `client = [["${client.certificatePath}", "${client.keyPath}"]]`;
  configure('registry.test', `server = "${upstream.url}"`, ...host(secure, ...knowing, pair));
  await pullOnce('registry.test/team/app:1');
  expect(asked(secure)).toContain('blob');
});
