import type { ServerResponse } from 'node:http';
import { afterAll, describe, expect, test } from 'vitest';
import { sha256Of } from '../../base/digest.ts';
import { mediaTypes } from '../../image/manifest.ts';
import { parseReference } from '../../image/reference.ts';
import { type Asked, json, LocalServer } from '../../test/helpers/local-server.ts';
import { RegistryClient } from '../client.ts';

const signal = AbortSignal.timeout(20_000);
const client = new RegistryClient({ userAgent: 'gantry-test/1', environment: {} });
const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, layers: [] }));
const digest = sha256Of(manifest);
const descriptor = { mediaType: mediaTypes.ociManifest, digest, size: manifest.length };

afterAll(() => client.close());

async function resolve(server: LocalServer, tagOrDigest = 'v1') {
  const repository = await client.repository(parseReference(`${server.host}/a/b`), { defaultScheme: 'http' });
  return repository.resolve(tagOrDigest, { signal });
}

/** Answers GET like this, and HEAD with a refusal to be of use. */
const getsOnly = (headers: Record<string, string>, body: string | Buffer) =>
  LocalServer.start(({ method }, response) => {
    if (method === 'HEAD') response.writeHead(405).end();
    else response.writeHead(200, headers).end(body);
  });

test('headers are enough where they tell all', async () => {
  await using server = await LocalServer.start((_, response) =>
    response
      .writeHead(200, {
        'content-type': `${mediaTypes.ociManifest}; charset=utf-8`,
        'docker-content-digest': digest,
        'content-length': manifest.length,
      })
      .end(),
  );
  expect(await resolve(server)).toEqual(descriptor);
  expect(server.lines).toEqual(['HEAD /v2/a/b/manifests/v1']);
  expect(server.asked[0]?.headers).toMatchObject({
    'user-agent': 'gantry-test/1',
    accept: expect.stringContaining(mediaTypes.ociIndex),
  });
});

test.each([
  ['digest', { 'content-type': mediaTypes.ociManifest }],
  ['useful type', { 'content-type': 'application/json', 'docker-content-digest': digest }],
  ['well-formed digest', { 'content-type': mediaTypes.ociManifest, 'docker-content-digest': 'sha256:x' }],
])('the manifest itself is asked for without a %s', async (_, headers) => {
  await using server = await LocalServer.start(({ method }, response) => {
    if (method === 'GET' && 'docker-content-digest' in headers) response.setHeader('docker-content-digest', digest);
    response.writeHead(200, method === 'HEAD' ? headers : { 'content-type': headers['content-type'] });
    response.end(method === 'GET' ? manifest : undefined);
  });
  expect(await resolve(server)).toEqual(descriptor);
  expect(server.asked.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
});

test('a host that knows no HEAD is asked by GET', async () => {
  await using server = await getsOnly({ 'content-type': mediaTypes.ociManifest }, manifest);
  expect(await resolve(server, digest)).toEqual(descriptor);
});

test('a type is told by the document where the host does not', async () => {
  await using typed = await getsOnly({ 'content-type': 'text/plain' }, manifest);
  expect(await resolve(typed)).toEqual(descriptor);
  const index = '{"schemaVersion":2,"manifests":[]}';
  await using untyped = await getsOnly({}, index);
  expect(await resolve(untyped)).toMatchObject({ mediaType: mediaTypes.ociIndex, digest: sha256Of(index) });
});

describe('refused is', () => {
  const schema1 = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
  test.each([
    [
      'a web page',
      { 'content-type': 'text/html; charset=utf-8' },
      '<html>log in</html>',
      'failed-precondition',
      'answered with a web page',
    ],
    [
      'an error that says 200',
      { 'content-type': 'application/json' },
      '{"errors":[{"code":"DENIED","message":"no"}]}',
      'failed-precondition',
      'answered 200 ok with an error: denied (no)',
    ],
    ['a text', {}, 'hello', 'failed-precondition', 'that is no manifest'],
    [
      'another document',
      { 'content-type': 'application/json' },
      '{"mediaType":"application/x.y"}',
      'failed-precondition',
      'answered with application/x.y, which is no manifest',
    ],
    ["Docker's first format", { 'content-type': schema1 }, '{}', 'unimplemented', 'schema 1 format'],
    ["Docker's first format, untold", {}, '{"schemaVersion":1}', 'unimplemented', 'schema 1 format'],
    [
      'a digest that is not that of the bytes',
      { 'content-type': mediaTypes.ociManifest, 'docker-content-digest': sha256Of('x') },
      manifest,
      'failed-precondition',
      `got ${digest}`,
    ],
    [
      'another encoding',
      { 'content-type': mediaTypes.ociManifest, 'content-encoding': 'gzip' },
      manifest,
      'failed-precondition',
      'content-encoding "gzip"',
    ],
    [
      'too much',
      { 'content-type': mediaTypes.ociManifest },
      Buffer.alloc((8 << 20) + 1),
      'resource-exhausted',
      'larger than 8388608 bytes',
    ],
  ])('%s', async (_, headers, body, kind, message) => {
    await using server = await getsOnly(headers as Record<string, string>, body);
    await expect(resolve(server)).rejects.toMatchObject({ kind, message: expect.stringContaining(message) });
  });

  test('a manifest that is announced to be too large', async () => {
    const headers = { 'content-type': mediaTypes.ociManifest, 'content-length': String(1 << 30) };
    await using server = await getsOnly(headers, '');
    await expect(resolve(server)).rejects.toThrow('the manifest has 1073741824 bytes, more than 8388608');
  });

  test('a manifest of a gigabyte, read only as far as it must be', async () => {
    let sentBytes = 0;
    const endless = (response: ServerResponse) => {
      const chunk = Buffer.alloc(1 << 20);
      const more = () => {
        while (!response.destroyed && sentBytes < 1 << 30) {
          sentBytes += chunk.length;
          if (!response.write(chunk)) return response.once('drain', more);
        }
        return response.end();
      };
      more();
    };
    await using server = await LocalServer.start(({ method }, response) => {
      if (method === 'HEAD') response.writeHead(404).end();
      else endless(response.writeHead(200, { 'content-type': mediaTypes.ociManifest }));
    });
    await expect(resolve(server)).rejects.toMatchObject({ kind: 'resource-exhausted' });
    expect(sentBytes).toBeLessThan(64 << 20);
  });

  test('a manifest of another digest than was asked for', async () => {
    await using server = await getsOnly({ 'content-type': mediaTypes.ociManifest }, manifest);
    const asked = sha256Of('other');
    await expect(resolve(server, asked)).rejects.toThrow(`asked for ${asked}, got ${digest}`);
    await using head = await LocalServer.start((_, response) =>
      response
        .writeHead(200, {
          'content-type': mediaTypes.ociManifest,
          'docker-content-digest': digest,
          'content-length': 9,
        })
        .end(),
    );
    await expect(resolve(head, asked)).rejects.toThrow(`asked for ${asked}, got ${digest}`);
  });
});

test('a manifest that is cut off is asked for again, but not for ever', async () => {
  const cutting = (times: number) =>
    LocalServer.start(({ method }, response, count) => {
      if (method === 'HEAD') return response.writeHead(405).end();
      response.writeHead(200, { 'content-type': mediaTypes.ociManifest, 'content-length': manifest.length });
      if (count > times) return response.end(manifest);
      return response.write(manifest.subarray(0, 10), () => response.destroy());
    });
  await using once = await cutting(1);
  expect(await resolve(once)).toEqual(descriptor);
  await using always = await cutting(99);
  await expect(resolve(always)).rejects.toMatchObject({ kind: 'unavailable' });
  expect(always.asked).toHaveLength(4);
});

test('headers of a megabyte are refused', async () => {
  await using server = await LocalServer.start((_, response) => {
    for (let index = 0; index < 64; index += 1) response.setHeader(`x-${index}`, 'x'.repeat(16_000));
    response.end();
  });
  await expect(resolve(server)).rejects.toMatchObject({
    kind: 'resource-exhausted',
    message: expect.stringContaining('headers'),
  });
});

test('a redirect without end is refused', async () => {
  await using server: LocalServer = await LocalServer.start(({ url }: Asked, response) => {
    response.writeHead(302, { location: url }).end();
  });
  await expect(resolve(server)).rejects.toThrow('more than 10 redirects');
  expect(server.asked).toHaveLength(11);
});

test('a host that stumbles is asked again, and a busy one as it asks for', async () => {
  await using server = await LocalServer.start((_, response, count) => {
    if (count === 0) return json(response, 500, {});
    if (count === 1) return json(response, 429, {}, { 'retry-after': '0' });
    return response
      .writeHead(200, {
        'content-type': mediaTypes.ociManifest,
        'docker-content-digest': digest,
        'content-length': manifest.length,
      })
      .end();
  });
  expect(await resolve(server)).toEqual(descriptor);
});

test('a host that asks for an hour is not waited for', async () => {
  await using server = await LocalServer.start((_, response) =>
    json(response, 429, { errors: [{ code: 'TOOMANYREQUESTS', message: 'slow down' }] }, { 'retry-after': '3600' }),
  );
  await expect(resolve(server)).rejects.toMatchObject({
    kind: 'resource-exhausted',
    message: expect.stringMatching(
      /429 too many requests: toomanyrequests \(slow down\), to be tried again in 3600 s$/,
    ),
  });
});

test('aborting ends a request with the reason of the caller', async () => {
  const controller = new AbortController();
  await using server = await LocalServer.start(() => controller.abort(new Error('enough')));
  const repository = await client.repository(parseReference(`${server.host}/a/b`), { defaultScheme: 'http' });
  await expect(repository.resolve('v1', { signal: controller.signal })).rejects.toThrow('enough');
});
