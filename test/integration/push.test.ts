import { afterEach, beforeEach, expect, test } from 'vitest';
import { ImagePusher, type TargetRepository } from '../../daemon/images/push.ts';
import type { Descriptor } from '../../image/manifest.ts';
import { parsePlatform } from '../../image/platform.ts';
import type { BlobToPush } from '../../registry/repository.ts';
import { layerType, TestSource } from './pull-source.ts';
import { PullWorld } from './pull-world.ts';

let world: PullWorld;
let source: TestSource;

/** A repository that notes in which order what comes, and refuses a manifest whose parts it has not. */
class TestTarget implements TargetRepository {
  readonly domain = 'registry.test:5000';
  readonly path = 'some/copy';
  readonly stored = new Map<string, Buffer>();
  readonly tags = new Map<string, string>();
  readonly mountFrom = new Map<string, readonly string[]>();
  atOnce = 0;
  mostAtOnce = 0;

  async pushBlob({ descriptor, mountFrom, open }: BlobToPush, { onBytes }: { onBytes?: (sent: number) => void }) {
    this.mountFrom.set(descriptor.digest, mountFrom);
    if (this.stored.has(descriptor.digest)) return 'exists';
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    const chunks: Uint8Array[] = [];
    for await (const chunk of open(0)) chunks.push(chunk);
    onBytes?.(descriptor.size);
    this.stored.set(descriptor.digest, Buffer.concat(chunks));
    this.atOnce -= 1;
    return 'uploaded' as const;
  }

  async pushManifest({ digest }: Descriptor, bytes: Uint8Array, { tag }: { tag?: string }) {
    const { config, layers = [], manifests = [] } = JSON.parse(Buffer.from(bytes).toString());
    for (const part of [config, ...layers, ...manifests].filter(Boolean)) {
      if (!this.stored.has(part.digest)) throw new Error(`blob unknown: ${part.digest}`);
    }
    this.stored.set(digest, Buffer.from(bytes));
    if (tag !== undefined) this.tags.set(tag, digest);
    return 'uploaded' as const;
  }

  async deleteManifest(): Promise<void> {}
}

beforeEach(async () => {
  world = await PullWorld.open();
  source = new TestSource();
});

afterEach(() => world[Symbol.asyncDispose]());

async function push(image: Descriptor, target: TestTarget, rest: object = {}): Promise<string[]> {
  const events: string[] = [];
  await new ImagePusher(world).push(world.fixture.context(), {
    target,
    targetName: 'OCI Registry (x)',
    name: 'x',
    tag: 'v1',
    image,
    platforms: [],
    onProgress: ({ event }) => events.push(event),
    ...rest,
  });
  return events;
}

test('what was pulled is pushed, parts first, and the tag names the whole', async () => {
  const layers = Array.from({ length: 10 }, (_, n) => source.put(layerType, world.bytes(100_000, n + 1)));
  const index = source.index([source.manifest(layers), source.manifest([layers[0] as Descriptor])]);
  await world.pull(source, index);
  const target = new TestTarget();
  const events = await push(index, target);
  expect(new Map([...target.stored].sort())).toEqual(new Map([...source.blobs].sort()));
  expect([...target.stored.keys()].at(-1)).toBe(index.digest);
  expect([...target.tags]).toEqual([['v1', index.digest]]);
  expect(target.mostAtOnce).toBeLessThanOrEqual(3);
  expect([...target.mountFrom.values()]).toEqual([...target.mountFrom].map(() => ['some/image']));
  expect(events.slice(0, 2)).toEqual(['Pushing to OCI Registry (x)', 'pushing content']);
  expect(events.slice(-2)).toEqual(['pushed content', 'Completed push to OCI Registry (x)']);
  expect(events.filter((event) => event === 'complete')).toHaveLength(source.blobs.size);
  expect(await push(index, target)).toContain('already exists');
});

test('only what is asked for of an index goes before it', async () => {
  const image = (name: string) => source.manifest([source.put(layerType, Buffer.from(name))], parsePlatform(name));
  const index = source.index([image('linux/amd64'), image('linux/arm64')]);
  await world.pull(source, index);
  const target = new TestTarget();
  await expect(push(index, target, { platforms: [parsePlatform('linux/arm64')] })).rejects.toThrow('blob unknown');
  expect(target.stored.size).toBe(3);
});

test('a part that is not here is named, and who refers to it', async () => {
  const manifest = source.manifest([source.put(layerType, Buffer.from('layer'))]);
  const index = source.index([manifest]);
  await world.pull(source, index);
  await world.content.delete(world.fixture.context(), manifest.digest);
  await expect(push(index, new TestTarget())).rejects.toMatchObject({
    kind: 'not-found',
    message: `blob ${manifest.digest}, which ${index.digest} refers to, is not here`,
  });
});
