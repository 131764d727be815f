import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Of } from '../../base/digest.ts';
import { mediaTypes } from '../../image/manifest.ts';
import { parseReference } from '../../image/reference.ts';
import { RegistryClient } from '../../registry/client.ts';
import type { BlobToPush, Repository } from '../../registry/repository.ts';
import { CertificateAuthority } from '../helpers/certificates.ts';
import { LocalServer } from '../helpers/local-server.ts';
import { TempFolder } from '../helpers/paths.ts';
import { Registry, registryUser } from '../helpers/registry.ts';

const signal = AbortSignal.timeout(60_000);
const client = new RegistryClient({ userAgent: 'gantry-test/1' });
let registry: Registry;

beforeAll(async () => {
  registry = await Registry.start();
});

afterAll(async () => {
  await client.close();
  await registry.close();
});

/** Chunks of a megabyte, from an offset on. */
function blobOf(bytes: Buffer, mountFrom: string[] = []): BlobToPush {
  return {
    descriptor: { mediaType: 'application/octet-stream', digest: sha256Of(bytes), size: bytes.length },
    mountFrom,
    async *open(offset) {
      for (let at = offset; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20));
    },
  };
}

async function read(repository: Repository, blob: BlobToPush, range: { offset?: number; length?: number } = {}) {
  await using remote = await repository.fetch(blob.descriptor, { signal, ...range });
  const chunks: Buffer[] = [];
  for await (const chunk of remote.body) chunks.push(chunk);
  return { remote, bytes: Buffer.concat(chunks) };
}

/** A manifest of one layer and an empty config, both pushed. */
async function pushImage(repository: Repository, tag: string | undefined, annotation: string, more: object = {}) {
  const config = blobOf(Buffer.from('{}'));
  const layer = blobOf(Buffer.from(`layer of ${annotation}`));
  for (const blob of [config, layer]) await repository.pushBlob(blob, { signal });
  const { mediaType } = config.descriptor;
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { ...config.descriptor, mediaType },
    layers: [layer.descriptor],
    annotations: { annotation },
    ...more,
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const descriptor = { mediaType: mediaTypes.ociManifest, digest: sha256Of(bytes), size: bytes.length };
  const pushed = await repository.pushManifest(descriptor, bytes, { signal, ...(tag && { tag }) });
  return { descriptor, bytes, pushed };
}

const repositoryAt = (path: string) => client.repository(parseReference(`${registry.host}/${path}`));

test('a blob is pushed once, mounted in another repository, and read whole and in parts', async () => {
  const bytes = Buffer.alloc(5_000_000, 'some bytes, but not the same all over ');
  const first = await repositoryAt('blobs/first');
  const told: number[] = [];
  expect(await first.pushBlob(blobOf(bytes), { signal, onBytes: (sent) => told.push(sent) })).toBe('uploaded');
  expect(told.at(-1)).toBe(bytes.length);
  expect(await first.pushBlob(blobOf(bytes), { signal })).toBe('exists');
  const second = await repositoryAt('blobs/second');
  const mounting = blobOf(bytes, ['blobs/absent', 'blobs/first']);
  expect(await second.pushBlob({ ...mounting, mountFrom: ['blobs/first'] }, { signal })).toBe('mounted');

  const whole = await read(second, mounting);
  expect(whole.bytes.equals(bytes)).toBe(true);
  expect(whole.remote).toMatchObject({ offset: 0, takesRanges: true, sizeBytes: bytes.length, host: registry.host });
  const part = await read(second, mounting, { offset: 4_000_000, length: 1_000 });
  expect(part.remote).toMatchObject({ offset: 4_000_000, sizeBytes: bytes.length });
  expect(part.bytes.equals(bytes.subarray(4_000_000, 4_001_000))).toBe(true);
});

test('a mount that cannot be becomes an upload', async () => {
  const repository = await repositoryAt('blobs/third');
  const blob = blobOf(Buffer.from('nowhere else'), ['blobs/absent']);
  expect(await repository.pushBlob(blob, { signal })).toBe('uploaded');
  expect((await read(repository, blob)).bytes.toString()).toBe('nowhere else');
});

test('manifests are pushed by tag, resolved by tag and digest, listed and deleted', async () => {
  const repository = await repositoryAt('images/app');
  const one = await pushImage(repository, 'v1', 'one');
  const two = await pushImage(repository, 'v2', 'two');
  expect([one.pushed, two.pushed]).toEqual(['uploaded', 'uploaded']);
  expect((await pushImage(repository, 'v2', 'two')).pushed).toBe('exists');

  expect(await repository.resolve('v1', { signal })).toEqual(one.descriptor);
  expect(await repository.resolve(two.descriptor.digest, { signal })).toEqual(two.descriptor);
  const fetched = await read(repository, { ...blobOf(two.bytes), descriptor: two.descriptor });
  expect(fetched.bytes.equals(two.bytes)).toBe(true);
  expect(await Array.fromAsync(repository.tags({ signal }))).toEqual(['v1', 'v2']);

  await repository.deleteManifest(one.descriptor.digest, { signal });
  await expect(repository.resolve('v1', { signal })).rejects.toMatchObject({
    kind: 'not-found',
    message: expect.stringMatching(
      /^resolve 127\.0\.0\.1:\d+\/images\/app:v1: 127\.0\.0\.1:\d+: 404 not found: manifest_unknown/,
    ),
  });
});

test('referrers of a registry without their list are those of the tag made of the digest', async () => {
  const repository = await repositoryAt('images/signed');
  const { descriptor } = await pushImage(repository, 'v1', 'signed');
  expect(await repository.referrers(descriptor.digest, { signal })).toEqual([]);
  const signature = { ...descriptor, artifactType: 'application/x.signature' };
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [signature, { ...descriptor, artifactType: 'application/x.other' }],
  };
  const bytes = Buffer.from(JSON.stringify(index));
  const target = { mediaType: mediaTypes.ociIndex, digest: sha256Of(bytes), size: bytes.length };
  await repository.pushManifest(target, bytes, { signal, tag: descriptor.digest.replace(':', '-') });
  expect(await repository.referrers(descriptor.digest, { signal })).toHaveLength(2);
  const filtered = await repository.referrers(descriptor.digest, { signal, artifactType: 'application/x.signature' });
  expect(filtered).toEqual([signature]);
});

test('what has a subject is added to the list of those that refer to it', async () => {
  const repository = await repositoryAt('images/referred');
  const { descriptor: subject } = await pushImage(repository, 'v1', 'subject');
  const first = await pushImage(repository, undefined, 'first', { subject, artifactType: 'application/x.signature' });
  const second = await pushImage(repository, undefined, 'second', { subject });
  const listed = [
    { ...first.descriptor, artifactType: 'application/x.signature', annotations: { annotation: 'first' } },
    { ...second.descriptor, artifactType: 'application/octet-stream', annotations: { annotation: 'second' } },
  ];
  expect(await repository.referrers(subject.digest, { signal })).toEqual(listed);
  // Under another tag it is the same.
  await repository.pushManifest(first.descriptor, first.bytes, { signal, tag: 'again' });
  expect(await repository.referrers(subject.digest, { signal })).toEqual(listed);
});

test('a manifest whose layers are missing is refused with the words of the registry', async () => {
  const repository = await repositoryAt('images/broken');
  const absent = { mediaType: mediaTypes.dockerLayerGzip, digest: sha256Of('absent'), size: 6 };
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: absent, layers: [absent] }),
  );
  const descriptor = { mediaType: mediaTypes.ociManifest, digest: sha256Of(bytes), size: bytes.length };
  await expect(repository.pushManifest(descriptor, bytes, { signal, tag: 'v1' })).rejects.toMatchObject({
    kind: 'invalid-argument',
    message: expect.stringContaining('blob unknown to registry'),
  });
});

describe('a registry with TLS and a password', () => {
  const folder = new TempFolder();
  const authority = new CertificateAuthority(folder.path);
  let secured: Registry;

  beforeAll(async () => {
    secured = await Registry.start({ tls: authority.issue('server'), password: true });
  });

  afterAll(async () => {
    await secured.close();
    folder[Symbol.dispose]();
  });

  test('who knows the password is let in', async () => {
    const asked: unknown[] = [];
    const repository = await client.repository(parseReference(`${secured.host}/a/b`), {
      findCredentials: async ({ host, reference }) => {
        asked.push({ host, reference });
        return { credentials: { kind: 'basic', ...registryUser }, lookedIn: ['test'] };
      },
    });
    const { descriptor } = await pushImage(repository, 'v1', 'secret');
    expect(await repository.resolve('v1', { signal })).toEqual(descriptor);
    expect(asked).toEqual([{ host: secured.host, reference: `${secured.host}/a/b:latest` }]);
  });

  test('who does not is told where was looked for it', async () => {
    const reference = parseReference(`${secured.host}/a/b`);
    const wrong = { kind: 'basic', username: registryUser.username, password: 'open sesame' } as const;
    const repository = await client.repository(reference, {
      findCredentials: async () => ({ credentials: wrong, lookedIn: ['/root/.docker/config.json'] }),
    });
    const refused = await repository.resolve('v1', { signal }).catch((error) => error);
    expect(refused).toMatchObject({ kind: 'unauthenticated' });
    expect(refused.message).toContain('401 unauthorized');
    expect(refused.message).toContain('credentials were looked for in /root/.docker/config.json');
    const anybody = await client.repository(reference);
    await expect(anybody.resolve('v1', { signal })).rejects.toThrow('asked without credentials');
  });

  test('its authority has to be known to who insists on TLS', async () => {
    const insisting = await client.repository(parseReference(`${secured.host}/a/b`), { defaultScheme: 'https' });
    await expect(insisting.resolve('v1', { signal })).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('certificate'),
    });
  });
});

/** A proxy in front of the registry, as it is often put there, that takes no more than a megabyte at once. */
async function narrowProxy(cut: (count: number) => boolean) {
  let patches = 0;
  return LocalServer.start(({ method, url, headers, body }, response) => {
    if (body.length > 1 << 20) return void response.writeHead(413).end();
    const target = { host: '127.0.0.1', port: registry.host.split(':')[1], path: url, method, headers };
    const forward = request(target, (answer) =>
      answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers)),
    );
    forward.on('error', () => response.destroy());
    if (method !== 'PATCH' || !cut(patches++)) return void forward.end(body);
    return void forward.write(body.subarray(0, body.length / 2), () => forward.destroy());
  });
}

test('what does not come through at once is pushed in pieces, each from where the registry is', async () => {
  await using proxy = await narrowProxy((count) => count === 1);
  const repository = await client.repository(parseReference(`${proxy.host}/blobs/narrow`), { defaultScheme: 'http' });
  const bytes = Buffer.alloc(4_000_000, 'some more bytes, which are not the same all over ');
  expect(await repository.pushBlob(blobOf(bytes), { signal })).toBe('uploaded');
  const { bytes: stored } = await read(await repositoryAt('blobs/narrow'), blobOf(bytes));
  expect(stored.equals(bytes)).toBe(true);
  expect(proxy.lines.filter((line) => line.startsWith('GET')).length).toBeGreaterThan(0);
});
