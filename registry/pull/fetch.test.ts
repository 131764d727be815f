import type { ServerResponse } from 'node:http';
import { afterAll, describe, expect, test } from 'vitest';
import { sha256Of } from '../../base/digest.ts';
import { type Descriptor, mediaTypes } from '../../image/manifest.ts';
import { parseReference } from '../../image/reference.ts';
import { type Asked, json, LocalServer } from '../../test/helpers/local-server.ts';
import { RegistryClient } from '../client.ts';

const signal = AbortSignal.timeout(20_000);
const client = new RegistryClient({ userAgent: 'gantry-test/1', environment: {} });
const bytes = Buffer.from('0123456789');
const blob: Descriptor = { mediaType: 'application/x.blob', digest: sha256Of(bytes), size: bytes.length };

afterAll(() => client.close());

async function open(server: LocalServer, descriptor = blob, range: { offset?: number; length?: number } = {}) {
  const repository = await client.repository(parseReference(`${server.host}/a/b`), { defaultScheme: 'http' });
  return repository.fetch(descriptor, { signal, ...range });
}

async function read(...args: Parameters<typeof open>) {
  await using remote = await open(...args);
  return { remote, text: Buffer.concat(await Array.fromAsync(remote.body)).toString() };
}

const serving = (answer: (response: ServerResponse, asked: Asked) => void) =>
  LocalServer.start((asked, response) => answer(response, asked));

test('a blob comes as it is stored', async () => {
  await using server = await serving((response) => response.writeHead(200, { 'accept-ranges': 'bytes' }).end(bytes));
  const { remote, text } = await read(server);
  expect(text).toBe('0123456789');
  expect(remote).toMatchObject({ offset: 0, takesRanges: true, host: server.host });
  expect(server.lines).toEqual([`GET /v2/a/b/blobs/${blob.digest}`]);
  expect(server.asked[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' });
  expect(server.asked[0]?.headers.range).toBeUndefined();
});

test('manifests are where manifests are', async () => {
  await using server = await serving((response) => response.end(bytes));
  await read(server, { ...blob, mediaType: mediaTypes.dockerList });
  expect(server.lines).toEqual([`GET /v2/a/b/manifests/${blob.digest}`]);
});

test('a part is asked for, and known by where it begins', async () => {
  await using server = await serving((response) =>
    response.writeHead(206, { 'content-range': 'bytes 3-5/10' }).end(bytes.subarray(3, 6)),
  );
  const { remote, text } = await read(server, blob, { offset: 3, length: 3 });
  expect(server.asked[0]?.headers.range).toBe('bytes=3-5');
  expect(remote).toMatchObject({ offset: 3, takesRanges: true, sizeBytes: 10 });
  expect(text).toBe('345');
});

test('a host that knows no parts sends all, and says so', async () => {
  await using server = await serving((response) => response.writeHead(200, { 'content-length': 10 }).end(bytes));
  const { remote, text } = await read(server, blob, { offset: 3 });
  expect(server.asked[0]?.headers.range).toBe('bytes=3-');
  expect(remote).toMatchObject({ offset: 0, takesRanges: false, sizeBytes: 10 });
  expect(text).toBe('0123456789');
});

describe('refused before the bytes are there is', () => {
  const refused = async (status: number, headers: Record<string, string | number>, descriptor = blob) => {
    await using server = await serving((response) => response.writeHead(status, headers).end(bytes));
    const opening = open(server, descriptor, status === 206 ? { offset: 3 } : {});
    return await opening.then(
      () => 'opened',
      (error) => `${error.kind}: ${error.message}`,
    );
  };

  test('another size', async () => {
    expect(await refused(200, { 'content-length': 10 }, { ...blob, size: 11 })).toMatch(
      /^failed-precondition: .*has 10 bytes for it, not 11$/,
    );
    expect(await refused(206, { 'content-range': 'bytes 3-9/12' })).toMatch(
      /^failed-precondition: .*has 12 bytes for it, not 10$/,
    );
  });

  test('another part', async () => {
    expect(await refused(206, { 'content-range': 'bytes 0-9/10' })).toContain(
      'asked for bytes from 3 on, answers with "bytes 0-9/10"',
    );
    expect(await refused(206, {})).toContain('answers with "no content-range"');
  });

  test('another encoding, and a web page in place of a manifest', async () => {
    expect(await refused(200, { 'content-encoding': 'gzip' })).toContain('content-encoding "gzip"');
    const manifest = { ...blob, mediaType: mediaTypes.ociManifest };
    expect(await refused(200, { 'content-type': 'text/html' }, manifest)).toContain('answered with a web page');
  });
});

test('a connection that is cut names the host, after what came', async () => {
  await using server = await serving((response) => {
    response.writeHead(200, { 'content-length': 10 }).write('01234', () => response.destroy());
  });
  await using remote = await open(server);
  const chunks: Buffer[] = [];
  const error = await (async () => {
    for await (const chunk of remote.body) chunks.push(chunk);
  })().catch((thrown) => thrown);
  expect(Buffer.concat(chunks).toString()).toBe('01234');
  expect(error).toMatchObject({ kind: 'unavailable', message: expect.stringContaining(`${server.host}: `) });
});

test('aborting ends a body with the reason of the caller', async () => {
  const controller = new AbortController();
  await using server = await serving((response) => response.writeHead(200).write('x'));
  const repository = await client.repository(parseReference(`${server.host}/a/b`), { defaultScheme: 'http' });
  await using remote = await repository.fetch(blob, { signal: controller.signal });
  const reading = Array.fromAsync(remote.body);
  controller.abort(new Error('enough'));
  await expect(reading).rejects.toThrow('enough');
});

test('a reader that stops reading stops the host', async () => {
  const total = 256 << 20;
  let sentBytes = 0;
  await using server = await serving((response) => {
    response.writeHead(200, { 'content-length': total });
    const chunk = Buffer.alloc(1 << 20);
    const more = () => {
      while (sentBytes < total && !response.destroyed) {
        sentBytes += chunk.length;
        if (!response.write(chunk)) return response.once('drain', more);
      }
      return response.end();
    };
    more();
  });
  const remote = await open(server, { ...blob, size: total });
  const iterator = remote.body[Symbol.asyncIterator]();
  await iterator.next();
  // Until nothing more is sent: what is under way fills the buffers of both sockets, and the reader's.
  let before = -1;
  while (before !== sentBytes) {
    before = sentBytes;
    for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
  }
  expect(sentBytes).toBeLessThan(32 << 20);
  await remote.close();
});

describe('layers that are elsewhere', () => {
  const absent = (response: ServerResponse) =>
    json(response, 404, { errors: [{ code: 'BLOB_UNKNOWN', message: 'unknown' }] });

  test('are fetched from there as anybody', async () => {
    await using other = await serving((response) => response.end(bytes));
    await using server = await serving(absent);
    const urls = ['ftp://x/y', `${other.url}/layer?signature=s3cret`];
    expect((await read(server, { ...blob, urls })).text).toBe('0123456789');
    expect(other.asked[0]?.headers.authorization).toBeUndefined();
  });

  test('or are not there either, which tells of both', async () => {
    await using other = await serving((response) => response.writeHead(403).end('gone'));
    await using server = await serving(absent);
    const error = await open(server, { ...blob, urls: [`${other.url}/layer?signature=s3cret`] }).catch(
      (thrown) => thrown,
    );
    expect(error.kind).toBe('permission-denied');
    expect(error.message).toContain(
      `${server.host}: 404 not found: blob_unknown (unknown); ${other.url}/layer?<masked>: 403 forbidden: gone`,
    );
    expect(error.stack).not.toContain('s3cret');
  });
});
