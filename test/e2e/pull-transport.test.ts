import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ErrorKind } from '../../base/errors.ts';
import type { Descriptor } from '../../image/manifest.ts';
import { cutsAt, drips, first, ignores, says } from '../helpers/faults.ts';
import { type Fault, FaultyRegistry } from '../helpers/faulty-registry.ts';
import { noiseLayer, type OciImage, ociImage } from '../helpers/oci-image.ts';
import { expectError, PullSide } from '../helpers/pull-side.ts';

// Connections that break, hosts that stall or have no time: what has come is not asked for again.

const largeBytes = 3_000_000;
const stack = new AsyncDisposableStack();
let registry: FaultyRegistry;
let withoutRanges: FaultyRegistry;
let puller: PullSide;
let image: OciImage;
let large: Descriptor;

beforeAll(async () => {
  registry = stack.use(await FaultyRegistry.start());
  withoutRanges = stack.use(await FaultyRegistry.start({ ranges: false }));
  puller = stack.use(await PullSide.start({ daemon: { config: stallSoon } }));
  image = ociImage({ layers: [await noiseLayer('small', 100_000), await noiseLayer('large', largeBytes)] });
  large = (JSON.parse(String(image.blobs.get(image.root.digest))) as { layers: Descriptor[] }).layers[1] as Descriptor;
});

afterEach(async () => {
  registry.heal();
  await puller.clear();
});
afterAll(() => stack.disposeAsync());

const stallSoon = '[gantry]\nimage_pull_progress_timeout = "500ms"';

test('a connection that is cut at every tenth of a layer', async () => {
  const reference = registry.add('cut/tenths', '1', image);
  for (let tenth = 9; tenth >= 0; tenth -= 1) registry.on(blob(), first(1, cutsAt(tenth / 10)));
  const since = registry.requests.length;
  expect(await puller.pull(reference)).toBe(image.root.digest);
  // Each time a share of what was left came; what the socket swallowed may come once more.
  expect(registry.bytesSent(large.digest, since)).toBeLessThan(large.size + 1_000_000);
});

test('a connection that is cut at every tenth, of a host that cannot send parts', async () => {
  const reference = withoutRanges.add('cut/whole', '1', image);
  for (const tenth of [1, 5, 9]) withoutRanges.on(blob(), first(1, cutsAt(tenth / 10)));
  expect(await puller.pull(reference)).toBe(image.root.digest);
  withoutRanges.heal();
});

const blob = () => ({ kind: 'blob', name: large.digest }) as const;

const troubles: { readonly name: string; readonly fault: Fault; readonly kind: ErrorKind; readonly text: RegExp }[] = [
  { name: 'a connection that always breaks', fault: cutsAt(0), kind: 'unavailable', text: /127\.0\.0\.1/ },
  { name: 'a byte now and then', fault: drips(100, 0), kind: 'deadline-exceeded', text: /stalled: \d+ bytes in 0.5 s/ },
  { name: 'no answer', fault: ignores, kind: 'deadline-exceeded', text: /no answer in time|stalled/ },
  {
    name: 'headers of a megabyte',
    fault: says(200, '', { 'x-large': 'x'.repeat(1 << 20) }),
    kind: 'resource-exhausted',
    text: /headers of the answer are too large/,
  },
  {
    name: 'an internal error, always',
    fault: says(500, 'out of order'),
    kind: 'unavailable',
    text: /500 internal server error: out of order/,
  },
  {
    name: 'too many requests, always',
    fault: says(429, 'slow down', { 'retry-after': '0' }),
    kind: 'resource-exhausted',
    text: /429 too many requests: slow down/,
  },
  {
    name: 'a redirect in a loop',
    fault: (exchange) => exchange.answer(307, '', { location: exchange.served.path }),
    kind: 'failed-precondition',
    text: /more than \d+ redirects/,
  },
  {
    name: 'a redirect to nowhere',
    fault: says(307, '', { location: 'ftp://127.0.0.1/x' }),
    kind: 'failed-precondition',
    text: /redirects to what is no HTTP URL/,
  },
];

test.each(troubles)('$name: for a layer', async ({ name, fault, kind, text }) => {
  const reference = registry.add(`trouble/${troubles.findIndex((each) => each.name === name)}`, '1', image);
  registry.on(blob(), fault);
  const error = await puller.fails(reference);
  registry.heal();
  expectError(error, kind, text);
  expect(error.message, 'which host').toContain(registry.host);
  expect(error.message, 'which blob').toContain(large.digest);
  expect(await puller.recovers(reference, registry)).toBe(image.root.digest);
});

const passing: { readonly name: string; readonly fault: () => Fault }[] = [
  { name: '429 with Retry-After', fault: () => first(2, says(429, '', { 'retry-after': '1' })) },
  { name: '503 with Retry-After', fault: () => first(2, says(503, '', { 'retry-after': '1' })) },
  { name: '500, then well', fault: () => first(2, says(500)) },
  { name: '502, then well', fault: () => first(2, says(502)) },
  { name: 'cut before the header, then well', fault: () => first(2, (exchange) => exchange.cut()) },
];

test.each(passing)('$name: for a layer', async ({ name, fault }) => {
  const reference = registry.add(`passing/${passing.findIndex((each) => each.name === name)}`, '1', image);
  registry.on(blob(), fault());
  expect(await puller.pull(reference)).toBe(image.root.digest);
});

test.each(passing.slice(2, 4))('$name: for the manifest', async ({ name, fault }) => {
  const reference = registry.add(`documents/${passing.findIndex((each) => each.name === name)}`, '1', image);
  registry.on('manifest', fault());
  expect(await puller.pull(reference)).toBe(image.root.digest);
});

test('nobody listens', async () => {
  const gone = await FaultyRegistry.start();
  await gone.close();
  expectError(await puller.fails(`${gone.host}/box:1`), 'unavailable', `${gone.host}: connection refused`);
});
