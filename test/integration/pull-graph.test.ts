import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Descriptor, mediaTypes } from '../../image/manifest.ts';
import { parsePlatform } from '../../image/platform.ts';
import { layerType, TestSource } from './pull-source.ts';
import { PullWorld } from './pull-world.ts';

let world: PullWorld;
let source: TestSource;

beforeEach(async () => {
  world = await PullWorld.open();
  source = new TestSource();
});

afterEach(() => world[Symbol.asyncDispose]());

const layerFor = (text: string) => source.put(layerType, Buffer.from(text));
const imageFor = (platform: string) => source.manifest([layerFor(platform)], parsePlatform(platform));

/** Media types, first words only, of what has come. */
function come(): string[] {
  const asked = new Set(source.requests.map(({ digest }) => source.blobs.get(digest)?.toString() ?? ''));
  return [...asked].map((text) => (text.startsWith('{') ? Object.keys(JSON.parse(text)).join(' ') : text)).sort();
}

describe('labels', () => {
  test('lead to all parts, and say where they are from', async () => {
    const layers = [layerFor('one'), layerFor('two'), layerFor('one')];
    const manifest = source.manifest(layers);
    const index = source.index([manifest]);
    await world.pull(source, index);
    const from = { 'containerd.io/distribution.source.registry.test': 'some/image' };
    expect(await world.labels(index)).toEqual({ 'containerd.io/gc.ref.content.m.0': manifest.digest, ...from });
    const { config } = JSON.parse(source.blobs.get(manifest.digest)?.toString() ?? '');
    expect(await world.labels(manifest)).toEqual({
      'containerd.io/gc.ref.content.config': config.digest,
      ...Object.fromEntries(layers.map(({ digest }, n) => [`containerd.io/gc.ref.content.l.${n}`, digest])),
      ...from,
    });
    for (const part of [config, ...layers]) expect(await world.labels(part)).toEqual(from);
  });

  test('hold only what a lease of the client asks for, in the end', async () => {
    const ctx = world.fixture.context('default', 'mine');
    await world.leases.create(ctx, 'mine', {});
    const image = imageFor('linux/amd64');
    await world.pull(source, image, { ctx });
    expect(await world.leaseIds()).toEqual(['mine']);
    expect(await world.held()).toEqual([`content ${image.digest}`]);
  });
});

describe('of an index comes', () => {
  let index: Descriptor;
  beforeEach(() => {
    const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/arm/v6'];
    index = source.index(platforms.map(imageFor));
  });

  test('everything, if no platform is asked for', async () => {
    await world.pull(source, index);
    expect(source.requests).toHaveLength(13);
  });

  test.each([
    [['linux/arm64'], ['linux/arm64']],
    [['linux/arm/v8'], ['linux/arm/v7']],
    [
      ['linux/arm/v6', 'linux/amd64'],
      ['linux/amd64', 'linux/arm/v6'],
    ],
  ])('for %j only %j', async (wanted, expected) => {
    await world.pull(source, index, { platforms: wanted.map(parsePlatform) });
    expect(come().filter((text) => text.startsWith('linux/'))).toEqual(expected);
    expect(source.requests).toHaveLength(1 + 3 * expected.length);
  });

  test('no more than the limit, by the order in which platforms are asked for', async () => {
    const platforms = ['linux/arm64', 'linux/amd64'].map(parsePlatform);
    await world.pull(source, index, { platforms, manifestLimit: 1 });
    expect(come().filter((text) => text.startsWith('linux/'))).toEqual(['linux/arm64']);
  });

  test('with all metadata also what describes the others', async () => {
    await world.pull(source, index, { platforms: [parsePlatform('linux/amd64')], allMetadata: true });
    expect(come().filter((text) => text.startsWith('linux/'))).toEqual(['linux/amd64']);
    expect(source.requests).toHaveLength(1 + 4 * 2 + 1);
  });

  test('nothing where nothing suits, and it is said what there is', async () => {
    const failing = world.pull(source, index, { platforms: [parsePlatform('linux/s390x')] });
    await expect(failing).rejects.toMatchObject({
      kind: 'not-found',
      message: expect.stringContaining(
        'no match for platform linux/s390x: there is linux/amd64, linux/arm64, linux/arm/v7, linux/arm/v6',
      ),
    });
    expect(world.saved).toEqual([]);
  });
});

describe('documents out of order', () => {
  const refuse = async (target: Descriptor, kind: string, message: RegExp | string) => {
    await expect(world.pull(source, target)).rejects.toMatchObject({ kind, message: expect.stringMatching(message) });
    expect(world.saved).toEqual([]);
  };

  test('a page of HTML', () => refuse(source.put('text/html', Buffer.from('<html>')), 'invalid-argument', 'text/html'));

  test('schema 1', () => {
    const old = source.put('application/vnd.docker.distribution.manifest.v1+prettyjws', { fsLayers: [] });
    return refuse(old, 'invalid-argument', 'schema 1 image manifests are no longer supported');
  });

  test('a manifest and index in one', () => {
    const config = source.put(mediaTypes.ociConfig, {});
    const both = source.put(mediaTypes.ociManifest, { config, layers: [], manifests: [config] });
    return refuse(both, 'invalid-argument', 'both an index and a manifest');
  });

  test('an error where a manifest should be', () =>
    refuse(source.put(mediaTypes.ociManifest, { errors: [] }), 'invalid-argument', 'not an object'));

  test('a manifest of a gigabyte', async () => {
    const huge = { ...source.put(mediaTypes.ociManifest, {}), size: 2 ** 30 };
    await refuse(huge, 'resource-exhausted', 'larger than 8388608 bytes');
    expect(source.requests).toEqual([]);
  });

  test('a config of more than 8 MiB', async () => {
    const config = { ...source.put(mediaTypes.ociConfig, {}), size: 8 * 1024 * 1024 + 1 };
    await refuse(source.put(mediaTypes.ociManifest, { config, layers: [] }), 'resource-exhausted', config.digest);
  });

  test('an index that says it contains itself', async () => {
    const digest = `sha256:${'5'.repeat(64)}`;
    const bytes = Buffer.from(JSON.stringify({ manifests: [{ mediaType: mediaTypes.ociIndex, digest, size: 151 }] }));
    source.blobs.set(digest, bytes);
    await refuse({ mediaType: mediaTypes.ociIndex, digest, size: bytes.length }, 'failed-precondition', 'has digest');
  });

  test('an index that fans out to a million manifests', async () => {
    const wide = (children: Descriptor[], n: number) =>
      source.put(mediaTypes.ociIndex, { manifests: children, annotations: { n: String(n) } });
    const leaves = Array.from({ length: 1_000 }, (_, n) => wide([], n));
    const middle = Array.from({ length: 1_000 }, (_, n) => wide(leaves, n));
    await refuse(wide(middle, 0), 'resource-exhausted', 'more than 1000 manifests');
    expect(source.requests.length).toBeLessThan(1_100);
  }, 60_000);
});

test('what is of no known type comes as it is', async () => {
  const unknown = source.put('application/vnd.example.thing', Buffer.from('thing'));
  const index = source.index([imageFor('linux/amd64'), unknown]);
  await world.pull(source, index);
  expect(await world.has(unknown)).toBe(true);
  expect(await world.labels(index)).toMatchObject({ 'containerd.io/gc.ref.content.0': unknown.digest });
});

test('what happens is told as containerd tells it', async () => {
  const layer = layerFor('layer');
  const manifest = source.manifest([layer]);
  await world.pull(source, manifest);
  const { config } = JSON.parse(source.blobs.get(manifest.digest)?.toString() ?? '');
  const events = world.progress.map(({ event, name, parents }) => [event, name, ...parents].join(' | '));
  const root = 'registry.test:5000/some/image:latest';
  const from = `OCI Registry (${root})`;
  const inManifest = `manifest-${manifest.digest}`;
  expect(events.slice(0, 5)).toEqual([
    `Resolving from ${from} | `,
    `Pulling from ${from} | `,
    `fetching image content | ${root}`,
    `waiting | ${inManifest} | ${root}`,
    `complete | ${inManifest} | ${root}`,
  ]);
  expect(events.slice(5, -2).sort()).toEqual(
    ['complete', 'waiting']
      .flatMap((event) => [`config-${config.digest}`, `layer-${layer.digest}`].map((name) => [event, name, inManifest]))
      .map((parts) => parts.join(' | ')),
  );
  expect(events.slice(-2)).toEqual([`saved | ${root}`, `Completed pull from ${from} | `]);
  world.progress.length = 0;
  await world.pull(source, manifest);
  expect(world.progress.map(({ event }) => event)).toContain('already exists');
});
