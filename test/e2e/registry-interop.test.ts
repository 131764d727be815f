import { afterAll, beforeAll, expect, test } from 'vitest';
import { pullImage } from '../../client/transfer/pull.ts';
import { pushImage } from '../../client/transfer/push.ts';
import { dockerImage } from '../helpers/docker.ts';
import { DockerSide } from '../helpers/docker-side.ts';
import { busyboxLayer, busyboxOciImage, ociImage, sha256 } from '../helpers/oci-image.ts';
import { Registry } from '../helpers/registry.ts';
import { Side } from '../helpers/side.ts';
import { pushBySkopeo, skopeo } from '../helpers/skopeo.ts';
import { storesOf } from '../helpers/stores.ts';

// Images go from one program to another through a registry: whoever pushed, all others get the same digest and can run it.

const stack = new AsyncDisposableStack();
let registry: Registry;
let ours: Side;
let peer: Side;
let docker: DockerSide;

beforeAll(async () => {
  registry = stack.use(await Registry.start());
  ours = stack.use(await Side.start('gantryd'));
  peer = stack.use(await Side.start('containerd'));
  docker = stack.use(await DockerSide.start('gantryd', { network: 'machine' }));
});

afterAll(() => stack.disposeAsync());

/** Who pulls and pushes: `ctr`, over any daemon's content, or our daemon by itself. */
type Way = 'client' | 'daemon';
const ways: readonly Way[] = ['client', 'daemon'];

/** Pulls, runs the image, removes it and tells its digest. */
async function pulledBy({ ctr, client }: Side, name: string, way: Way = 'client'): Promise<string> {
  if (way === 'client') await ctr.ok('images', 'pull', '--plain-http', name);
  else await pullImage(client, name, { defaultScheme: 'http' });
  const { images } = await storesOf(client);
  expect(await ctr.ok('run', '--rm', name, 'interop', 'echo', 'it runs')).toBe('it runs\n');
  await ctr.ok('images', 'rm', '--sync', name);
  return images.find((image) => image.name === name)?.digest ?? '';
}

async function pulledByDocker(name: string): Promise<string> {
  await docker.docker.ok('pull', name);
  const digests = await docker.docker.ok('inspect', '--format', '{{range .RepoDigests}}{{.}} {{end}}', name);
  expect(await docker.docker.ok('run', '--rm', name, 'echo', 'it runs')).toBe('it runs\n');
  await docker.docker.ok('rmi', name);
  const repository = name.slice(0, name.lastIndexOf(':'));
  return (
    digests
      .split(' ')
      .find((digest) => digest.startsWith(`${repository}@`))
      ?.slice(repository.length + 1) ?? ''
  );
}

const inRegistry = async (name: string) => sha256(await skopeo('inspect', '--raw', `docker://${name}`));

test('what Docker pushes is pulled', async () => {
  const name = `${registry.host}/by/docker:1`;
  await docker.docker.ok('tag', dockerImage, name);
  await docker.docker.ok('push', name);
  const digest = await inRegistry(name);
  for (const way of ways) expect(await pulledBy(ours, name, way), way).toBe(digest);
});

test('what skopeo pushes is pulled, with layers of gzip, zstd or none', async () => {
  const layers = [await busyboxLayer()];
  for (const compression of ['gzip', 'zstd', 'none'] as const) {
    const name = `${registry.host}/by/skopeo:${compression}`;
    const image = ociImage({ layers, compression, config: { config: { Env: ['PATH=/bin'] } } });
    await pushBySkopeo(image, name);
    for (const way of ways) expect(await pulledBy(ours, name, way), `${name} ${way}`).toBe(image.root.digest);
  }
});

test.each(ways)('what is pushed from us, by the %s, is pulled by Docker, skopeo and containerd', async (way) => {
  const [source, name] = [`${registry.host}/source:1`, `${registry.host}/by/${way}:1`];
  await pushBySkopeo(await busyboxOciImage(), source);
  await ours.ctr.ok('images', 'pull', '--plain-http', source);
  if (way === 'client') await ours.ctr.ok('images', 'push', '--plain-http', name, source);
  else await pushImage(ours.client, source, { target: name, defaultScheme: 'http' });
  const digest = await inRegistry(source);
  expect(await inRegistry(name)).toBe(digest);
  expect(await pulledBy(peer, name)).toBe(digest);
  expect(await pulledByDocker(name)).toBe(digest);
  await ours.ctr.ok('images', 'rm', '--sync', source);
});
