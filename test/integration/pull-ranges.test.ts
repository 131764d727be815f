import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inParts, PartBudget, partBytes } from '../../daemon/images/ranges.ts';
import type { Descriptor } from '../../image/manifest.ts';
import { layerType, TestSource } from './pull-source.ts';
import { PullWorld } from './pull-world.ts';

const sizeBytes = 8 * partBytes + 12_345;
const never = new AbortController().signal;
let world: PullWorld;
let source: TestSource;
let layer: Descriptor;

beforeEach(async () => {
  world = await PullWorld.open();
  source = new TestSource();
  layer = source.put(layerType, world.bytes(sizeBytes));
});

afterEach(async () => {
  expect(source.open).toBe(0);
  await world[Symbol.asyncDispose]();
});

const parts = (budget: PartBudget) => ({
  ...{ from: 5, end: sizeBytes, budget },
  open: (offset: number, length: number, signal: AbortSignal) => source.fetch(layer, { offset, length, signal }),
});

const slowly = (ms: number) => () => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('inParts', () => {
  test('gives the bytes in order, whichever part comes first', async () => {
    let mostOpen = 0;
    source.manners.set(layer.digest, {
      chunkBytes: 1024 * 1024,
      wait: async (offset) => {
        mostOpen = Math.max(mostOpen, source.open);
        await slowly(offset % 3)();
      },
    });
    const chunks: Buffer[] = [];
    for await (const chunk of inParts(parts(new PartBudget(12)), { signal: never })) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(source.blobs.get(layer.digest)?.subarray(5) as Buffer)).toBe(true);
    expect(mostOpen).toBe(4);
  });

  test('asks for one part after the other where none may wait in memory', async () => {
    const budget = new PartBudget(0);
    let bytes = 0;
    for await (const chunk of inParts(parts(budget), { signal: never })) {
      expect(source.open).toBeLessThanOrEqual(1);
      bytes += chunk.length;
    }
    expect(bytes).toBe(sizeBytes - 5);
  });

  test('gives back what may wait, also when it is left early', async () => {
    const budget = new PartBudget(3);
    for await (const chunk of inParts(parts(budget), { signal: never })) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect([budget.take(), budget.take(), budget.take(), budget.take()]).toEqual([true, true, true, false]);
  });

  test.each([
    ['ends early', { cuts: [partBytes, 1_000] }, 'connection reset'],
    ['ignores ranges', { ignoresRanges: true }, 'ignores ranges'],
  ])('fails where the host %s', async (_, manners, message) => {
    source.manners.set(layer.digest, manners);
    const reading = async () => {
      for await (const chunk of inParts(parts(new PartBudget(12)), { signal: never })) void chunk;
    };
    await expect(reading()).rejects.toThrow(message);
  });
});

test('a large blob that comes slowly is asked for in parts, and goes on where those break', async () => {
  let requests = 0;
  source.manners.set(layer.digest, { chunkBytes: 256 * 1024, wait: slowly(8), cuts: [] });
  const fetch = source.fetch.bind(source);
  source.fetch = async (descriptor, options) => {
    if (descriptor.digest === layer.digest && ++requests === 4) source.manners.get(layer.digest)?.cuts?.push(1_000_000);
    return fetch(descriptor, options);
  };
  await world.pull(source, source.manifest([layer]));
  const lengths = source.requests.filter(({ digest }) => digest === layer.digest).map(({ length }) => length);
  expect(lengths.filter((length) => length === partBytes).length).toBeGreaterThan(1);
  expect(lengths.filter((length) => length === undefined)).toHaveLength(2);
  expect(await world.has(layer)).toBe(true);
});

test('a host that sends a byte now and then is given up', async () => {
  const stall = { intervalMs: 50, minBytes: 4_096 };
  await using quick = await PullWorld.open('shared', { stall, retry: { attempts: 2, firstDelayMs: 1, maxDelayMs: 1 } });
  source.manners.set(layer.digest, { chunkBytes: 1, wait: slowly(5) });
  await expect(quick.pull(source, source.manifest([layer]))).rejects.toMatchObject({
    kind: 'deadline-exceeded',
    message: expect.stringMatching(`registry.test:5000: blob ${layer.digest}: stalled: \\d+ bytes in 0.05 s`),
  });
});
