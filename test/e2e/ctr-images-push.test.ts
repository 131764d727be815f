import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { busyboxImage, writeArchive } from '../../scripts/busybox-image.ts';
import { bothDaemons } from '../helpers/both.ts';
import { collectWhenAsked } from '../helpers/collection.ts';
import { busyboxOciImage, machineArchitecture, noiseLayer, ociImage, ociIndex, sha256 } from '../helpers/oci-image.ts';
import { Registry } from '../helpers/registry.ts';
import type { Side } from '../helpers/side.ts';
import { pushBySkopeo, skopeo } from '../helpers/skopeo.ts';
import { blobsOf, storesOf } from '../helpers/stores.ts';

// A push labels what it pushed, also what no image keeps.
const { scenario } = bothDaemons({ daemon: { config: collectWhenAsked } });

let registry: Registry;

beforeAll(async () => {
  registry = await Registry.start();
  const other = ociImage({ layers: [await noiseLayer('other', 300_000)], architecture: 's390x' });
  const both = ociIndex([
    { image: await busyboxOciImage(), architecture: machineArchitecture },
    { image: other, architecture: 's390x' },
  ]);
  await pushBySkopeo(both, `${registry.host}/two:1`);
  await pushBySkopeo(
    ociImage({ types: 'docker', layers: [await noiseLayer('one', 1000)] }),
    `${registry.host}/docker:1`,
  );
});

afterAll(() => registry?.close());

/** Imports an image of the scenario's own and returns the digest of its manifest. */
async function imported({ ctr, client, daemon }: Side, name: string): Promise<string> {
  const path = join(daemon.folder, 'own.tar');
  await writeArchive(path, await busyboxImage({ name, layers: [[{ name: 'etc/own', content: name }]] }));
  await ctr.ok('images', 'import', path);
  await rm(path);
  return (await storesOf(client)).images.find((image) => image.name === name)?.digest ?? '';
}

/** A repository for either side. */
const target = ({ kind }: Side, path: string) => `${registry.host}/${kind}/${path}`;

/** Digest of what the registry has under a name. */
const digestOf = async (name: string) => sha256(await skopeo('inspect', '--raw', `docker://${name}`));

/** What the registry was asked for since its log had that length, with what differs by chance taken out. */
function requestsSince(length: number, { kind }: Side): string[] {
  const requests = registry.log.slice(length).match(/"(?:GET|HEAD|POST|PUT|PATCH) [^ ]*/g) ?? [];
  const steady = requests.map((line) => line.replaceAll(kind, '<side>').replace(/(uploads\/)[^?]*.*/, '$1…'));
  return [...new Set(steady)].sort();
}

scenario('images push sends an imported image, and nothing when it is there', async (side) => {
  const local = 'docker.io/library/pushed:1';
  const digest = await imported(side, local);
  const name = target(side, 'pushed:1');
  await side.ctr.ok('images', 'push', '--plain-http', name, local);
  expect(await digestOf(name)).toBe(digest);
  const before = registry.log.length;
  await side.ctr.ok('images', 'push', '--plain-http', name, local);
  const again = requestsSince(before, side);
  expect(again).not.toHaveLength(0);
  expect(again.join()).not.toContain('POST');
  await side.ctr.ok('images', 'rm', '--sync', local);
  return again;
});

scenario('images push to another repository of the host mounts what was pulled', async (side) => {
  const local = `${registry.host}/docker:1`;
  await side.ctr.ok('images', 'pull', '--plain-http', local);
  const before = registry.log.length;
  await side.ctr.ok('images', 'push', '--plain-http', target(side, 'mounted:1'), local);
  expect(await digestOf(target(side, 'mounted:1'))).toBe(await digestOf(local));
  const log = registry.log.slice(before);
  expect(log.match(/"POST [^ ]*mount=[^ ]*&from=docker /g)).toHaveLength(2);
  expect(log).not.toMatch(/"(PATCH|PUT) [^ ]*\/uploads\//);
  await side.ctr.ok('images', 'rm', '--sync', local);
});

scenario('images push sends an index with all platforms, or one manifest of it', async (side) => {
  const { ctr } = side;
  const local = `${registry.host}/two:1`;
  await ctr.ok('images', 'pull', '--plain-http', '--all-platforms', local);
  await ctr.ok('images', 'push', '--plain-http', target(side, 'all:1'), local);
  expect(await digestOf(target(side, 'all:1'))).toBe(await digestOf(local));
  await ctr.ok('images', 'push', '--plain-http', '--platform', 'linux/s390x', target(side, 's390x:1'), local);
  const one = await digestOf(target(side, 's390x:1'));
  expect(one).not.toBe(await digestOf(local));
  await ctr.ok('images', 'rm', '--sync', local);
  return one;
});

scenario('images push sends back what was pulled with media types of Docker', async (side) => {
  const local = `${registry.host}/docker:1`;
  await side.ctr.ok('images', 'pull', '--plain-http', local);
  await side.ctr.ok('images', 'tag', local, target(side, 'docker:2'));
  await side.ctr.ok('images', 'push', '--plain-http', target(side, 'docker:2'));
  expect(await digestOf(target(side, 'docker:2'))).toBe(await digestOf(local));
  await side.ctr.ok('images', 'rm', '--sync', local, target(side, 'docker:2'));
});

scenario('images push of what is not here whole fails', async (side) => {
  const { ctr } = side;
  const absent = await ctr.fails('images', 'push', '--plain-http', target(side, 'absent:1'));
  expect(absent).toContain('not found');
  const local = `${registry.host}/two:1`;
  await ctr.ok('images', 'pull', '--plain-http', local);
  const partial = await ctr.fails('images', 'push', '--plain-http', target(side, 'partial:1'), local);
  expect(partial).toContain('not found');
  await expect(digestOf(target(side, 'partial:1'))).rejects.toThrow('manifest unknown');
  await ctr.ok('images', 'rm', '--sync', local);
  return [absent, partial].map((text) => text.replaceAll(side.kind, '<side>'));
});

scenario('content push-object sends one blob', async (side) => {
  const local = 'docker.io/library/object:1';
  const digest = await imported(side, local);
  const config = (await blobsOf(side.client)).find((blob) =>
    Object.keys(blob.labels).some((label) => label.startsWith('containerd.io/gc.ref.snapshot')),
  );
  const type = 'application/vnd.oci.image.config.v1+json';
  await side.ctr.ok('content', 'push-object', '--plain-http', target(side, 'object:1'), config?.digest ?? '', type);
  expect(registry.log).toContain(`PUT /v2/${side.kind}/object/blobs/uploads/`);
  expect(digest).toMatch(/^sha256:/);
  await side.ctr.ok('images', 'rm', '--sync', local);
});
