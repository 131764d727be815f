import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256Of } from '../base/digest.ts';
import { mediaTypes } from '../image/manifest.ts';
import { parseReference } from '../image/reference.ts';
import { CertificateAuthority } from '../test/helpers/certificates.ts';
import { type Answer, json, LocalServer } from '../test/helpers/local-server.ts';
import { TempFolder } from '../test/helpers/paths.ts';
import { RegistryClient } from './client.ts';

const signal = AbortSignal.timeout(20_000);
const bytes = Buffer.from('bytes of a blob');
const blob = { mediaType: 'application/x.blob', digest: sha256Of(bytes), size: bytes.length };
const has: Answer = (_, response) => void response.end(bytes);
const hasNot: Answer = (_, response) =>
  json(response, 404, { errors: [{ code: 'BLOB_UNKNOWN', message: 'blob unknown' }] });

let folder: TempFolder;
let client: RegistryClient;

beforeEach(() => {
  folder = new TempFolder();
  client = new RegistryClient({ userAgent: 'gantry-test/1', hostsDirs: [folder.path], environment: {} });
});

afterEach(async () => {
  await client.close();
  folder[Symbol.dispose]();
});

/** The blob of registry.example by way of a hosts.toml. */
async function fetchBy(hostsToml: string): Promise<string> {
  mkdirSync(join(folder.path, 'registry.example'), { recursive: true });
  writeFileSync(join(folder.path, 'registry.example', 'hosts.toml'), hostsToml);
  const repository = await client.repository(parseReference('registry.example/a/b'));
  await using remote = await repository.fetch(blob, { signal });
  return `${remote.host}: ${Buffer.concat(await Array.fromAsync(remote.body))}`;
}

const failing = (hostsToml: string) => fetchBy(hostsToml).then(String, (error) => error);

/** A host that nobody listens at. */
async function deadHost(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
}

test('a mirror is asked first, for the registry that is meant', async () => {
  await using mirror = await LocalServer.start(has);
  const hosts = `server = "http://127.0.0.1:1"\n[host."${mirror.url}/sub"]\n[host."${mirror.url}/sub".header]\nx-a = ["1", "2"]`;
  expect(await fetchBy(hosts)).toBe(`${mirror.host}: bytes of a blob`);
  expect(mirror.lines).toEqual([`GET /sub/v2/a/b/blobs/${blob.digest}?ns=registry.example`]);
  expect(mirror.asked[0]?.headers['x-a']).toBe('1, 2');
});

test('what one has not or cannot, the next one has', async () => {
  await using broken = await LocalServer.start((_, response) => json(response, 503, {}));
  await using without = await LocalServer.start(hasNot);
  await using upstream = await LocalServer.start(has);
  const hosts = `server = "${upstream.url}"\n[host."${broken.url}"]\n[host."${without.url}"]`;
  expect(await fetchBy(hosts)).toBe(`${upstream.host}: bytes of a blob`);
  // With another one to ask there is no reason to wait for it.
  expect(broken.asked).toHaveLength(1);
});

test('an error tells what each host said, and is of the kind of the registry itself', async () => {
  const dead = await deadHost();
  await using mirror = await LocalServer.start((_, response) => json(response, 403, { message: 'not for you' }));
  await using upstream = await LocalServer.start(hasNot);
  const error = await failing(`server = "${upstream.url}"\n[host."http://${dead}"]\n[host."${mirror.url}"]`);
  expect(error.kind).toBe('not-found');
  expect(error.message).toBe(
    `fetch registry.example/a/b@${blob.digest}: ${dead}: connection refused; ` +
      `${mirror.host}: 403 forbidden: not for you; ` +
      `${upstream.host}: 404 not found: blob_unknown (blob unknown)`,
  );
});

test('that a mirror has not what another one failed to tell of is no proof', async () => {
  await using without = await LocalServer.start(hasNot);
  const error = await failing(`fallback = false\n[host."http://${await deadHost()}"]\n[host."${without.url}"]`);
  expect(error.kind).toBe('unavailable');
});

test('a dead mirror is not tried again for each blob', async () => {
  const hung = new Set<Socket>();
  // It takes connections, and says nothing to a TLS greeting.
  const silent = createServer((socket) => hung.add(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  await using upstream = await LocalServer.start(has);
  const hosts = `server = "${upstream.url}"\n[host."https://${host}"]\ndial_timeout = "300ms"`;
  for (let count = 0; count < 3; count += 1) expect(await fetchBy(hosts)).toContain('bytes of a blob');
  expect(hung.size).toBe(1);
  const error = await failing(
    `server = "http://${await deadHost()}"\n[host."https://${host}"]\ndial_timeout = "300ms"`,
  );
  expect(error.message).toMatch(new RegExp(`${host}: not asked, as \\d s ago: no connection in time; `));
  for (const socket of hung) socket.destroy();
  silent.close();
});

test('who may only be pulled from is not asked what a tag means', async () => {
  await using mirror = await LocalServer.start(has);
  await using upstream = await LocalServer.start(hasNot);
  mkdirSync(join(folder.path, 'registry.example'));
  const hosts = `server = "${upstream.url}"\n[host."${mirror.url}"]\ncapabilities = ["pull"]`;
  writeFileSync(join(folder.path, 'registry.example', 'hosts.toml'), hosts);
  const repository = await client.repository(parseReference('registry.example/a/b'));
  await expect(repository.resolve('v1', { signal })).rejects.toMatchObject({ kind: 'not-found' });
  expect(mirror.asked).toEqual([]);
});

test('who may not be pushed to is not, and without another that is said', async () => {
  await using mirror = await LocalServer.start(has);
  mkdirSync(join(folder.path, 'registry.example'));
  const hosts = `fallback = false\n[host."${mirror.url}"]\ncapabilities = ["pull", "resolve"]`;
  writeFileSync(join(folder.path, 'registry.example', 'hosts.toml'), hosts);
  const repository = await client.repository(parseReference('registry.example/a/b'));
  const pushing = repository.pushManifest(blob, bytes, { signal });
  await expect(pushing).rejects.toThrow('no host is configured to be pushed to');
  expect(mirror.asked).toEqual([]);
});

describe('over TLS', () => {
  test('a host is known by the authority of hosts.toml, and knows us by our certificate', async () => {
    const authority = new CertificateAuthority(folder.path, 'ca');
    const server = authority.issue('server');
    const own = authority.issue('own');
    const mutual = { ...server, ca: readFileSync(authority.certificatePath), requestCert: true };
    await using mirror = await LocalServer.start(has, { ...mutual, rejectUnauthorized: true });
    const table = `fallback = false\n[host."${mirror.url}"]\n`;
    const ca = `ca = "${authority.certificatePath}"\n`;
    const client = `client = [["${own.certificatePath}", "${own.keyPath}"]]\n`;
    expect(await fetchBy(table + ca + client)).toContain('bytes of a blob');
    expect(await fetchBy(`${table}skip_verify = true\n${client}`)).toContain('bytes of a blob');
    expect(await failing(table + ca)).toMatchObject({ kind: 'unavailable' });
    expect(await failing(table + client)).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('certificate'),
    });
  });

  test('another host that is redirected to is not shown our certificate', async () => {
    const authority = new CertificateAuthority(folder.path, 'ca');
    const server = authority.issue('server');
    const own = authority.issue('own');
    const ca = readFileSync(authority.certificatePath);
    const picky = { ...server, ca, requestCert: true, rejectUnauthorized: true };
    await using other = await LocalServer.start(has, picky);
    await using mirror = await LocalServer.start((_, response) => {
      response.writeHead(307, { location: `${other.url}/x` }).end();
    }, picky);
    const client = `client = [["${own.certificatePath}", "${own.keyPath}"]]`;
    const settings = `ca = "${authority.certificatePath}"\n${client}`;
    expect(await fetchBy(`fallback = false\n[host."${other.url}"]\n${settings}`)).toContain('bytes of a blob');
    expect(await failing(`fallback = false\n[host."${mirror.url}"]\n${settings}`)).toMatchObject({
      kind: 'unavailable',
    });
    expect(other.asked).toHaveLength(1);
  });

  test('a certificate for another name is none', async () => {
    const authority = new CertificateAuthority(folder.path, 'ca');
    await using mirror = await LocalServer.start(has, authority.issue('server', 'DNS:elsewhere.example'));
    const error = await failing(`fallback = false\n[host."${mirror.url}"]\nca = "${authority.certificatePath}"`);
    expect(error.message).toContain("does not match certificate's altnames");
  });

  test('plain HTTP beside TLS settings is found out', async () => {
    await using mirror = await LocalServer.start(has);
    const hosts = `fallback = false\n[host."${mirror.url}"]\nskip_verify = true`;
    expect(await fetchBy(hosts)).toContain('bytes of a blob');
    expect(await fetchBy(hosts)).toContain('bytes of a blob');
  });

  test.each([false, true])(
    'HTTP/2 is spoken where it is offered, and for blobs where nothing else is (%s)',
    async (alone) => {
      const authority = new CertificateAuthority(folder.path, 'ca');
      const { certificatePath, keyPath } = authority.issue('server');
      const asked: string[] = [];
      const pem = { cert: readFileSync(certificatePath), key: readFileSync(keyPath), allowHTTP1: !alone };
      const server = createSecureServer(pem, ({ httpVersion, method }, response) => {
        asked.push(`${method} ${httpVersion}`);
        response.writeHead(200, { 'docker-content-digest': blob.digest, 'content-type': mediaTypes.ociManifest });
        response.end(method === 'GET' ? bytes : '');
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const hosts = `fallback = false\n[host."${url}"]\nca = "${authority.certificatePath}"`;
      expect(await fetchBy(hosts)).toContain('bytes of a blob');
      const repository = await client.repository(parseReference('registry.example/a/b'));
      expect(await repository.resolve(blob.digest, { signal })).toMatchObject({ digest: blob.digest });
      expect(asked).toEqual([alone ? 'GET 2.0' : 'GET 1.1', 'HEAD 2.0', 'GET 2.0']);
      await client.close();
      server.close();
    },
  );

  test('a redirect to plain HTTP is not followed', async () => {
    await using plain = await LocalServer.start(has);
    const authority = new CertificateAuthority(folder.path, 'ca');
    await using mirror = await LocalServer.start(
      (_, response) => response.writeHead(307, { location: `${plain.url}/x?signature=s3cret` }).end(),
      authority.issue('server'),
    );
    const error = await failing(`fallback = false\n[host."${mirror.url}"]\nca = "${authority.certificatePath}"`);
    expect(error.message).toContain(`redirects from https to ${plain.url}/x?<masked>`);
    expect(plain.asked).toEqual([]);
  });

  test('a token server without TLS is not asked', async () => {
    await using plain = await LocalServer.start((_, response) => json(response, 200, { token: 't' }));
    const authority = new CertificateAuthority(folder.path, 'ca');
    await using mirror = await LocalServer.start(
      (_, response) => response.writeHead(401, { 'www-authenticate': `Bearer realm="${plain.url}/token"` }).end(),
      authority.issue('server'),
    );
    const error = await failing(`fallback = false\n[host."${mirror.url}"]\nca = "${authority.certificatePath}"`);
    expect(error.message).toContain(`its token server ${plain.url}/token is without TLS`);
    expect(plain.asked).toEqual([]);
  });
});

test('a proxy of the environment is spoken through, with its password', async () => {
  await using proxy = await LocalServer.start(has);
  const environment = { HTTP_PROXY: proxy.url.replace('//', '//me:pass@'), NO_PROXY: 'direct.example' };
  await using proxied = new RegistryClient({ userAgent: 'gantry-test/1', environment });
  const repository = await proxied.repository(parseReference('registry.example/a/b'), { defaultScheme: 'http' });
  await using remote = await repository.fetch(blob, { signal });
  expect(Buffer.concat(await Array.fromAsync(remote.body)).toString()).toBe('bytes of a blob');
  expect(proxy.lines).toEqual([`GET http://registry.example/v2/a/b/blobs/${blob.digest}`]);
  expect(proxy.asked[0]?.headers['proxy-authorization']).toBe(`Basic ${Buffer.from('me:pass').toString('base64')}`);
});

test('a proxy that cannot be reached is named, without its password', async () => {
  const dead = await deadHost();
  const environment = { HTTP_PROXY: `http://me:s3cret@${dead}` };
  await using proxied = new RegistryClient({ userAgent: 'gantry-test/1', environment });
  const repository = await proxied.repository(parseReference('registry.example/a/b'), { defaultScheme: 'http' });
  const error = await repository.fetch(blob, { signal }).catch((thrown) => thrown);
  expect(error.message).toMatch(new RegExp(`: registry.example: connection refused \\(through the proxy ${dead}\\)$`));
  expect(error.stack).not.toContain('s3cret');
});

test('TLS goes through a proxy end to end', async () => {
  const authority = new CertificateAuthority(folder.path, 'ca');
  await using upstream = await LocalServer.start(has, authority.issue('server', 'DNS:registry.example'));
  const asked: string[] = [];
  const proxy = createHttpServer().listen(0, '127.0.0.1');
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    const through = connect(Number(upstream.host.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 ok\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    for (const end of [socket, through]) end.on('error', () => through.destroy());
  });
  await once(proxy, 'listening');
  mkdirSync(join(folder.path, 'registry.example'));
  writeFileSync(join(folder.path, 'registry.example', 'hosts.toml'), `ca = "${authority.certificatePath}"`);
  const environment = { HTTPS_PROXY: `127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  const hostsDirs = [folder.path];
  {
    await using proxied = new RegistryClient({ userAgent: 'gantry-test/1', hostsDirs, environment });
    const repository = await proxied.repository(parseReference('registry.example/a/b'));
    await using remote = await repository.fetch(blob, { signal });
    expect(Buffer.concat(await Array.fromAsync(remote.body)).toString()).toBe('bytes of a blob');
  }
  expect(asked).toEqual(['registry.example:443']);
  proxy.closeAllConnections();
  proxy.close();
});
