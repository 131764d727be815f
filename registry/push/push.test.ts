import { afterAll, describe, expect, test } from 'vitest';
import { sha256Of } from '../../base/digest.ts';
import { parseReference } from '../../image/reference.ts';
import { type Answer, json, LocalServer } from '../../test/helpers/local-server.ts';
import { RegistryClient } from '../client.ts';
import type { BlobToPush } from '../repository.ts';

const signal = AbortSignal.timeout(30_000);
const client = new RegistryClient({ userAgent: 'gantry-test/1', environment: {} });
const bytes = Buffer.alloc(3 << 20, 'a blob that is not the same all over, nearly ');

afterAll(() => client.close());

function blobOf(content: Buffer, mountFrom: string[] = []): BlobToPush {
  return {
    descriptor: { mediaType: 'application/x.blob', digest: sha256Of(content), size: content.length },
    mountFrom,
    async *open(offset) {
      for (let at = offset; at < content.length; at += 100_000) yield content.subarray(at, at + 100_000);
    },
  };
}

async function push(server: LocalServer, blob = blobOf(bytes), onBytes: (sent: number) => void = () => undefined) {
  const repository = await client.repository(parseReference(`${server.host}/a/b`), { defaultScheme: 'http' });
  return repository.pushBlob(blob, { signal, onBytes });
}

/** A registry that takes uploads; `meddle` may answer a request in its place by returning true. */
async function uploads(meddle: (...args: Parameters<Answer>) => boolean, location = '/upload?state=1') {
  const stored: Buffer[] = [];
  const server = await LocalServer.start((asked, response, count) => {
    if (meddle(asked, response, count)) return;
    if (asked.method === 'HEAD') response.writeHead(404).end();
    else if (asked.method === 'POST') response.writeHead(202, { location }).end();
    else if (asked.method === 'PATCH') {
      stored.push(asked.body);
      const length = stored.reduce((sum, part) => sum + part.length, 0);
      response.writeHead(202, { location: '/upload?state=2', range: `0-${length - 1}` }).end();
    } else if (asked.method === 'GET') {
      const length = stored.reduce((sum, part) => sum + part.length, 0);
      response.writeHead(204, { location: '/upload?state=3', range: `0-${Math.max(0, length - 1)}` }).end();
    } else {
      stored.push(asked.body);
      response.writeHead(201, { 'docker-content-digest': sha256Of(Buffer.concat(stored)) }).end();
    }
  });
  return { server, stored: () => Buffer.concat(stored) };
}

test('a blob is sent at once to where the host says, its digest beside what was there', async () => {
  const { server, stored } = await uploads(() => false);
  await using _ = server;
  expect(await push(server)).toBe('uploaded');
  expect(stored().equals(bytes)).toBe(true);
  const digest = encodeURIComponent(sha256Of(bytes));
  expect(server.lines).toEqual([
    `HEAD /v2/a/b/blobs/${sha256Of(bytes)}`,
    'POST /v2/a/b/blobs/uploads/',
    `PUT /upload?state=1&digest=${digest}`,
  ]);
  expect(server.asked[2]?.headers['content-length']).toBe(String(bytes.length));
});

test('an upload to another host takes no pass along', async () => {
  const other = await uploads(() => false);
  await using _ = other.server;
  const { server } = await uploads(({ headers, method }, response) => {
    if (headers.authorization !== undefined || method === 'PUT') return false;
    response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
    return true;
  }, `${other.server.url}/elsewhere`);
  await using __ = server;
  const findCredentials = async () => ({
    credentials: { kind: 'basic', username: 'u', password: 'p' } as const,
    lookedIn: [],
  });
  const repository = await client.repository(parseReference(`${server.host}/a/b`), {
    defaultScheme: 'http',
    findCredentials,
  });
  expect(await repository.pushBlob(blobOf(bytes), { signal })).toBe('uploaded');
  expect(other.server.asked.map(({ method, headers }) => [method, headers.authorization])).toEqual([
    ['PUT', undefined],
  ]);
  expect(other.stored().equals(bytes)).toBe(true);
});

describe('a mount', () => {
  test('saves the upload', async () => {
    const { server } = await uploads(({ url }, response) => {
      if (!url.includes('from=')) return false;
      response.writeHead(url.includes('from=c%2Fd') ? 201 : 404).end();
      return true;
    });
    await using _ = server;
    expect(await push(server, blobOf(bytes, ['x/y', 'c/d']))).toBe('mounted');
    expect(server.lines.slice(1)).toEqual(
      ['x%2Fy', 'c%2Fd'].map(
        (from) => `POST /v2/a/b/blobs/uploads/?mount=${encodeURIComponent(sha256Of(bytes))}&from=${from}`,
      ),
    );
  });

  test('that the host would rather not do becomes the upload it offers', async () => {
    const { server } = await uploads(() => false);
    await using _ = server;
    expect(await push(server, blobOf(bytes, ['c/d', 'e/f']))).toBe('uploaded');
    expect(server.lines.filter((line) => line.startsWith('POST'))).toHaveLength(1);
  });
});

describe('in pieces', () => {
  test('goes what is too large for a proxy, smaller and smaller', async () => {
    const { server, stored } = await uploads(({ body }, response) => {
      if (body.length <= 1 << 20) return false;
      response.writeHead(413).end('<html>too large</html>');
      return true;
    });
    await using _ = server;
    const sent: number[] = [];
    expect(await push(server, blobOf(bytes), (count) => sent.push(count))).toBe('uploaded');
    expect(stored().equals(bytes)).toBe(true);
    expect(sent.at(-1)).toBe(bytes.length);
    const ranges = server.asked
      .filter(({ method, body }) => method === 'PATCH' && body.length <= 1 << 20)
      .map(({ headers }) => headers['content-range']);
    expect(ranges[0]).toBe('0-786431');
    expect(ranges.at(-1)).toBe(`2359296-${bytes.length - 1}`);
  });

  test('goes what was cut off, from where the host has it', async () => {
    let patches = 0;
    const { server, stored } = await uploads(({ method, body, url }, response) => {
      if (method === 'PUT' && body.length > 0) response.destroy();
      else if (method === 'PATCH' && patches++ === 1) response.destroy();
      else if (method === 'PATCH' && body.length > 1 << 20) response.writeHead(413).end();
      else return false;
      expect(url).toContain('/upload');
      return true;
    });
    await using _ = server;
    expect(await push(server)).toBe('uploaded');
    expect(stored().equals(bytes)).toBe(true);
    expect(server.lines).toContain('GET /upload?state=1');
  });

  test('is bounded: a host that takes nothing is given up with what it said', async () => {
    const { server } = await uploads(({ method }, response) => {
      if (method !== 'PATCH' && method !== 'PUT') return false;
      response.writeHead(413).end('no');
      return true;
    });
    await using _ = server;
    await expect(push(server, blobOf(Buffer.from('x')))).rejects.toMatchObject({
      kind: 'failed-precondition',
      message: expect.stringMatching(/sent in pieces, after 413 payload too large: no: 413 payload too large: no$/),
    });
    expect(server.asked.length).toBeLessThan(30);
  }, 30_000);
});

describe('refused is', () => {
  const refused = async (meddle: (...args: Parameters<Answer>) => boolean, location?: string) => {
    const { server } = await uploads(meddle, location);
    await using _ = server;
    return await push(server).then(String, (error) => `${error.kind}: ${error.message}`);
  };
  const at =
    (wanted: string, answer: (response: Parameters<Answer>[1]) => void) =>
    (...[asked, response]: Parameters<Answer>) => {
      if (asked.method !== wanted) return false;
      answer(response);
      return true;
    };

  test('a push that is not allowed, in the words of the registry, without sending anything', async () => {
    const denied = at('POST', (response) =>
      json(response, 403, { errors: [{ code: 'DENIED', message: 'read only' }] }),
    );
    expect(await refused(denied)).toMatch(/^permission-denied: push .*: 403 forbidden: denied \(read only\)$/);
  });

  test('an upload to nowhere', async () => {
    expect(await refused(at('POST', (response) => response.writeHead(202).end()))).toContain(
      'does not say where to upload to',
    );
    expect(await refused(() => false, 'ftp://x/')).toContain('does not say where to upload to');
  });

  test('a wrong digest, which is not tried in pieces', async () => {
    const invalid = at('PUT', (response) =>
      json(response, 400, { errors: [{ code: 'DIGEST_INVALID', message: 'no match' }] }),
    );
    expect(await refused(invalid)).toMatch(/^invalid-argument: .*digest_invalid \(no match\)$/);
  });

  test('another digest than was sent', async () => {
    const other = at('PUT', (response) => response.writeHead(201, { 'docker-content-digest': sha256Of('x') }).end());
    expect(await refused(other)).toContain(`stored ${sha256Of('x')} in place of ${sha256Of(bytes)}`);
  });
});

describe('a manifest', () => {
  const manifest = Buffer.from('{}');
  const descriptor = { mediaType: 'application/x.manifest', digest: sha256Of(manifest), size: manifest.length };
  const pushManifest = async (server: LocalServer, tag?: string) => {
    const repository = await client.repository(parseReference(`${server.host}/a/b`), { defaultScheme: 'http' });
    return repository.pushManifest(descriptor, manifest, { signal, ...(tag && { tag }) });
  };

  test('is stored under its tag and type unless the tag names it already', async () => {
    let named = sha256Of('older');
    await using server = await LocalServer.start(({ method }, response) =>
      response
        .writeHead(method === 'HEAD' ? 200 : 201, {
          'docker-content-digest': method === 'HEAD' ? named : descriptor.digest,
        })
        .end(),
    );
    expect(await pushManifest(server, 'v1')).toBe('uploaded');
    expect(server.asked[1]).toMatchObject({ method: 'PUT', url: '/v2/a/b/manifests/v1', body: manifest });
    expect(server.asked[1]?.headers['content-type']).toBe('application/x.manifest');
    named = descriptor.digest;
    expect(await pushManifest(server, 'v1')).toBe('exists');
    expect(await pushManifest(server)).toBe('exists');
    expect(server.asked.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  test('with a subject is listed by the registry, or by hand where there is no list yet', async () => {
    const subject = sha256Of('subject');
    const referring = Buffer.from(JSON.stringify({ subject: { digest: subject }, config: { mediaType: 'a/b' } }));
    const digest = sha256Of(referring);
    for (const knows of [true, false]) {
      const headers: Record<string, string> = knows ? { 'oci-subject': subject } : {};
      await using server = await LocalServer.start(({ method }, response) =>
        method === 'PUT' ? response.writeHead(201, headers).end() : response.writeHead(404).end(),
      );
      const repository = await client.repository(parseReference(`${server.host}/a/b`), { defaultScheme: 'http' });
      await repository.pushManifest({ ...descriptor, digest, size: referring.length }, referring, { signal });
      const list = `/v2/a/b/manifests/${subject.replace(':', '-')}`;
      const asked = [`HEAD /v2/a/b/manifests/${digest}`, `PUT /v2/a/b/manifests/${digest}`];
      expect(server.lines).toEqual(knows ? asked : [...asked, `GET ${list}`, `PUT ${list}`]);
    }
  });

  test('or a tag is deleted, which not all hosts know', async () => {
    await using server = await LocalServer.start((_, response, count) =>
      count === 0 ? response.writeHead(202).end() : json(response, 405, {}),
    );
    const repository = await client.repository(parseReference(`${server.host}/a/b`), { defaultScheme: 'http' });
    await repository.deleteManifest('v1', { signal });
    expect(server.lines).toEqual(['DELETE /v2/a/b/manifests/v1']);
    await expect(repository.deleteManifest('v1', { signal })).rejects.toMatchObject({ kind: 'unimplemented' });
  });
});
