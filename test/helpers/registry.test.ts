import { readFileSync } from 'node:fs';
import { Agent, fetch } from 'undici';
import { expect, test } from 'vitest';
import { CertificateAuthority } from './certificates.ts';
import { busyboxOciImage, machineArchitecture, noiseLayer, ociImage, ociIndex } from './oci-image.ts';
import { TempFolder } from './paths.ts';
import { Registry, registryUser } from './registry.ts';
import { pushBySkopeo, skopeo } from './skopeo.ts';

test('Registry keeps an index of two platforms as skopeo pushed it', async () => {
  await using registry = await Registry.start();
  const other = ociImage({ layers: [await noiseLayer('other', 4096)], architecture: 's390x', types: 'docker' });
  const index = ociIndex([
    { image: await busyboxOciImage(), architecture: machineArchitecture },
    { image: other, architecture: 's390x' },
  ]);
  await pushBySkopeo(index, `${registry.host}/two:1`);
  const raw = await skopeo('inspect', '--raw', `docker://${registry.host}/two:1`);
  expect(Buffer.from(raw)).toEqual(index.blobs.get(index.root.digest));
  const manifest = await fetch(`${registry.url}/v2/two/manifests/${other.root.digest}`, {
    headers: { accept: other.root.mediaType },
  });
  expect(manifest.headers.get('content-type')).toBe(other.root.mediaType);
  expect(Buffer.from(await manifest.arrayBuffer())).toEqual(other.blobs.get(other.root.digest));
  expect(registry.log).toContain('PUT /v2/two/manifests/1');
});

test('Registry with TLS and a password lets in who trusts it and is known', async () => {
  using folder = new TempFolder();
  const authority = new CertificateAuthority(folder.path);
  await using registry = await Registry.start({ tls: authority.issue('server'), password: true });
  const credentials = `${registryUser.username}:${registryUser.password}`;
  await pushBySkopeo(await busyboxOciImage(), `${registry.host}/box:1`, `--dest-creds=${credentials}`);
  await using stack = new AsyncDisposableStack();
  const trusting = new Agent({ connect: { ca: readFileSync(authority.certificatePath) } });
  const dispatcher = stack.adopt(trusting, () => trusting.close());
  const list = (headers: Record<string, string>) => fetch(`${registry.url}/v2/box/tags/list`, { dispatcher, headers });
  expect((await list({})).headers.get('www-authenticate')).toBe('Basic realm="test"');
  const known = await list({ authorization: `Basic ${Buffer.from(credentials).toString('base64')}` });
  expect(await known.json()).toEqual({ name: 'box', tags: ['1'] });
  await expect(fetch(registry.url)).rejects.toThrow('fetch failed');
});
