import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Descriptor } from '../../image/manifest.ts';
import { paces } from '../helpers/faults.ts';
import { FaultyRegistry } from '../helpers/faulty-registry.ts';
import { noiseLayer, type OciImage, ociImage } from '../helpers/oci-image.ts';
import { PullSide } from '../helpers/pull-side.ts';
import { Random } from '../helpers/random.ts';

const rounds = 20;
const seed = 20_261_121;
/** How long a pull from the slow registry takes at least: 25 pieces of its largest layer. */
const paceMs = 20;
const longestMs = 700;

const stack = new AsyncDisposableStack();
let registry: FaultyRegistry;
let puller: PullSide;
let image: OciImage;
let layers: Descriptor[];
let reference: string;

beforeAll(async () => {
  registry = stack.use(await FaultyRegistry.start());
  puller = stack.use(await PullSide.start());
  const sizes = { small: 50_000, middle: 700_000, large: 1_600_000 };
  image = ociImage({ layers: await Promise.all(Object.entries(sizes).map(([name, size]) => noiseLayer(name, size))) });
  layers = (JSON.parse(String(image.blobs.get(image.root.digest))) as { layers: Descriptor[] }).layers;
  reference = registry.add('killed', '1', image);
});

afterAll(() => stack.disposeAsync());

/** Bytes that the daemon has of each layer: whole, or as far as they were written. */
async function kept(): Promise<Map<string, number>> {
  const { blobs } = await puller.stores();
  const content = puller.side.client.service('containerd.services.content.v1.Content');
  const { statuses } = await content.ListStatuses({});
  const whole = blobs.map(({ digest, size }) => [digest, size] as const);
  const begun = statuses.map(({ ref, offset }) => [ref.slice(ref.indexOf('-') + 1), offset] as const);
  return new Map([...begun, ...whole]);
}

test(`a pull whose daemon is killed at ${rounds} random moments goes on where it was`, async () => {
  const random = new Random(seed);
  const doctor = puller.side.client.service('gantry.doctor.v1.Doctor');
  const resumed = { nothing: 0, part: 0, all: 0 };
  for (let round = 0; round < rounds; round += 1) {
    registry.on('blob', paces(paceMs));
    const killed = puller.pull(reference).catch(() => undefined);
    await delay(random.below(longestMs));
    await puller.side.daemon.crash();
    await killed;
    registry.heal();
    const here = await kept();
    const since = registry.requests.length;
    expect(await puller.pull(reference)).toBe(image.root.digest);
    for (const { digest, size } of layers) {
      const missing = size - (here.get(digest) ?? 0);
      expect(registry.bytesSent(digest, since), `round ${round}, ${digest}`).toBe(missing);
      resumed[missing === 0 ? 'all' : missing === size ? 'nothing' : 'part'] += 1;
    }
    expect((await doctor.Check({})).findings).toEqual([]);
    await puller.remove(reference);
  }
  // The moments were worth it: before, in and after the download of layers.
  expect(Math.min(...Object.values(resumed)), JSON.stringify(resumed)).toBeGreaterThan(0);
}, 180_000);
