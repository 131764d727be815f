import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Descriptor } from '../../image/manifest.ts';
import { eventually } from '../helpers/eventually.ts';
import { layerType, type Manners, TestSource } from './pull-source.ts';
import { PullWorld } from './pull-world.ts';

const sizeBytes = 3_000_000;
let world: PullWorld;
let source: TestSource;
let layer: Descriptor;
let image: Descriptor;

beforeEach(async () => {
  world = await PullWorld.open();
  source = new TestSource();
  layer = source.put(layerType, world.bytes(sizeBytes));
  image = source.manifest([layer]);
});

afterEach(async () => {
  expect(source.open).toBe(0);
  await world[Symbol.asyncDispose]();
});

const misbehave = (manners: Manners) => source.manners.set(layer.digest, manners);

describe('a connection that breaks', () => {
  test.each([10, 20, 30, 40, 50, 60, 70, 80, 90])('at %d percent goes on where it was', async (percent) => {
    const cut = (sizeBytes * percent) / 100;
    misbehave({ cuts: [cut] });
    await world.pull(source, image);
    expect(source.requestsOf(layer)).toEqual([0, cut]);
    expect(source.sent.get(layer.digest)).toBe(sizeBytes);
  });

  test('after every tenth', async () => {
    misbehave({ cuts: Array.from({ length: 9 }, () => sizeBytes / 10) });
    await world.pull(source, image);
    expect(source.requestsOf(layer)).toHaveLength(10);
    expect(source.sent.get(layer.digest)).toBe(sizeBytes);
  });

  test('again and again with nothing to show for it ends the pull', async () => {
    misbehave({ cuts: Array.from({ length: 100 }, () => 1_000) });
    await expect(world.pull(source, image)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(source.requestsOf(layer)).toEqual([0, 1_000, 2_000]);
    expect(world.saved).toEqual([]);
  });

  test('on a host without ranges', async () => {
    misbehave({ cuts: [sizeBytes / 2], ignoresRanges: true });
    await world.pull(source, image);
    expect(source.requestsOf(layer)).toEqual([0, sizeBytes / 2]);
    expect(source.sent.get(layer.digest)).toBe(sizeBytes * 1.5);
  });

  test('leaves what had come for the next pull, also that of another daemon', async () => {
    misbehave({ cuts: [sizeBytes / 2, 0, 0] });
    await expect(world.pull(source, image)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await world.held()).toEqual(expect.arrayContaining([`ingests layer-${layer.digest}`]));
    expect(await world.leaseIds()).toHaveLength(1);
    await world.pull(source, image);
    expect(source.requestsOf(layer)).toEqual([0, sizeBytes / 2, sizeBytes / 2, sizeBytes / 2]);
    expect(source.sent.get(layer.digest)).toBe(sizeBytes);
    expect(await world.leaseIds()).toEqual([]);
  });
});

describe('bytes that are not those of the descriptor', () => {
  test('are asked for once more, then refused', async () => {
    misbehave({ sends: world.bytes(sizeBytes, 2) });
    await expect(world.pull(source, image)).rejects.toMatchObject({
      kind: 'failed-precondition',
      message: expect.stringMatching(`blob ${layer.digest}: what was sent has digest sha256:`),
    });
    expect(source.requestsOf(layer)).toEqual([0, 0]);
    expect(world.saved).toEqual([]);
    expect(await world.has(layer)).toBe(false);
    source.manners.clear();
    await world.pull(source, image);
    expect(await world.has(layer)).toBe(true);
  });

  test.each<[string, Manners]>([
    ['too many, and told so', { sends: Buffer.alloc(sizeBytes + 1) }],
    ['too many', { sends: Buffer.alloc(sizeBytes * 3), withoutSize: true }],
    ['too few, and told so', { sends: Buffer.alloc(sizeBytes - 1) }],
  ])('%s', async (_, manners) => {
    misbehave(manners);
    await expect(world.pull(source, image)).rejects.toMatchObject({ kind: 'failed-precondition' });
    expect(source.requestsOf(layer)).toEqual([0]);
    expect(source.sent.get(layer.digest) ?? 0).toBeLessThanOrEqual(sizeBytes + 64 * 1024);
  });

  test('too few', async () => {
    misbehave({ sends: source.blobs.get(layer.digest)?.subarray(0, 1_000) as Buffer, withoutSize: true });
    await expect(world.pull(source, image)).rejects.toThrow(`ended at byte 1000 of ${sizeBytes}`);
  });

  test('none', async () => {
    const empty = source.put(layerType, Buffer.alloc(0));
    await expect(world.pull(source, source.manifest([empty]))).rejects.toMatchObject({ kind: 'invalid-argument' });
  });
});

test('a blob that is there is only labeled', async () => {
  await world.pull(source, image);
  const other = new TestSource('an/other');
  for (const [digest, bytes] of source.blobs) other.blobs.set(digest, bytes);
  await world.pull(other, image);
  expect(other.requests).toEqual([]);
  const sources = { 'containerd.io/distribution.source.registry.test': 'an/other,some/image' };
  expect(await world.labels(layer)).toEqual(sources);
});

describe('several pulls at once', () => {
  test('of one image bring each blob once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => world.pull(source, image)));
    expect(source.requests.map(({ digest }) => digest).sort()).toEqual([...source.blobs.keys()].sort());
    expect(await world.leaseIds()).toEqual([]);
  });

  test('in several namespaces bring each blob once', async () => {
    await Promise.all(['a', 'b', 'c'].map((n) => world.pull(source, image, { ctx: world.fixture.context(n) })));
    expect(source.requests).toHaveLength(source.blobs.size);
    for (const namespace of ['a', 'b', 'c']) expect(await world.has(layer, namespace)).toBe(true);
  });

  test('in isolated namespaces bring it to each', async () => {
    await using isolated = await PullWorld.open('isolated');
    await Promise.all(['a', 'b'].map((n) => isolated.pull(source, image, { ctx: isolated.fixture.context(n) })));
    expect(source.requestsOf(layer)).toEqual([0, 0]);
  });

  test('go on when the one that had begun gives up', async () => {
    const asked = vi.spyOn(world.content, 'claim');
    const controller = new AbortController();
    let isUnderWay = () => {};
    const underWay = new Promise<void>((resolve) => {
      isUnderWay = resolve;
    });
    let goOn = () => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    misbehave({
      wait: async (offset) => {
        if (offset < sizeBytes / 2) return;
        isUnderWay();
        await gate;
      },
    });
    const first = world.pull(source, image, { ctx: { ...world.fixture.context(), signal: controller.signal } });
    first.catch(() => undefined);
    await underWay;
    const second = world.pull(source, image);
    const own = asked.mock.calls[0]?.[0].leaseId;
    const joining = () =>
      asked.mock.calls.findIndex(([{ leaseId }, digest]) => leaseId !== own && digest === layer.digest);
    // It joins in the same step in which it learns that the layer is not there.
    await eventually(() => expect(asked.mock.settledResults[joining()]?.type).toBe('fulfilled'));
    await new Promise(setImmediate);
    controller.abort(new Error('not wanted'));
    await expect(first).rejects.toThrow('not wanted');
    goOn();
    await second;
    expect(source.requestsOf(layer)).toEqual([0]);
    expect(await world.has(layer)).toBe(true);
  });

  test('of which one may not have it do not spoil it for the other', async () => {
    const denied = new TestSource('de/nied');
    for (const [digest, bytes] of source.blobs) if (digest !== layer.digest) denied.blobs.set(digest, bytes);
    const ends = await Promise.allSettled([world.pull(denied, image), world.pull(source, image)]);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await world.has(layer)).toBe(true);
  });
});
