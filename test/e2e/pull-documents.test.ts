import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ErrorKind } from '../../base/errors.ts';
import { type Descriptor, mediaTypes } from '../../image/manifest.ts';
import { damaged, floods, onlyFor, says, serves } from '../helpers/faults.ts';
import { FaultyRegistry } from '../helpers/faulty-registry.ts';
import { describe, document, noiseLayer, type OciImage, ociImage, ociIndex, sha256 } from '../helpers/oci-image.ts';
import { expectError, PullSide } from '../helpers/pull-side.ts';

// Documents and blobs that are not what they should be. Each has to fail with a clear error, soon, with little memory, and
// without a trace of an image; what was right is kept, so that once the registry is well only the rest is asked for.

const stack = new AsyncDisposableStack();
let registry: FaultyRegistry;
let puller: PullSide;
let good: OciImage;
let manifest: { config: Descriptor; layers: [Descriptor, Descriptor] };

beforeAll(async () => {
  registry = stack.use(await FaultyRegistry.start());
  puller = stack.use(await PullSide.start());
  good = ociImage({ layers: [await noiseLayer('first', 300_000), await noiseLayer('second', 2_000_000)] });
  manifest = JSON.parse(String(good.blobs.get(good.root.digest)));
});

afterEach(async () => {
  registry.heal();
  await puller.clear();
});
afterAll(() => stack.disposeAsync());

const html = '<!DOCTYPE html><html><body><h1>Please log in to the network</h1></body></html>';
const htmlType = { 'content-type': 'text/html' };
const refused = JSON.stringify({ errors: [{ code: 'DENIED', message: 'come back later' }] });
const json = { 'content-type': 'application/json' };

/** A manifest with something else about it, and the blobs of the good one. */
function manifestWith(change: object, mediaType: string = mediaTypes.ociManifest): OciImage {
  const blobs = [...good.blobs.values()];
  return document(mediaType, { ...manifest, mediaType, ...change }, blobs);
}

const layersWith = (change: object) => ({ layers: [{ ...manifest.layers[0], ...change }, manifest.layers[1]] });

interface WrongFor {
  readonly name: string;
  readonly set: () => void;
  readonly kind: ErrorKind;
  readonly text: RegExp;
}

const layer = () => ({ kind: 'blob', name: manifest.layers[0].digest }) as const;
const config = () => ({ kind: 'blob', name: manifest.config.digest }) as const;

/** What is wrong for a while only. */
const passing: WrongFor[] = [
  {
    name: 'a layer of another digest',
    set: () => registry.on(layer(), serves(damaged)),
    kind: 'failed-precondition',
    text: /blob sha256:\w{64}: .*digest sha256:\w{64}/,
  },
  {
    name: 'a config of another digest',
    set: () => registry.on(config(), serves(damaged)),
    kind: 'failed-precondition',
    text: /blob sha256:\w{64}: .*digest sha256:\w{64}/,
  },
  {
    name: 'a layer that is shorter than told',
    set: () =>
      registry.on(
        layer(),
        serves((bytes) => bytes.subarray(1)),
      ),
    kind: 'failed-precondition',
    text: /sha256:\w{64}: .*: has \d+ bytes for it, not 300276/,
  },
  {
    name: 'a layer that is longer than told',
    set: () =>
      registry.on(
        layer(),
        serves((bytes) => Buffer.concat([bytes, bytes])),
      ),
    kind: 'failed-precondition',
    text: /sha256:\w{64}: .*: has \d+ bytes for it, not 300276/,
  },
  {
    name: 'HTML instead of a manifest',
    set: () => registry.on('manifest', says(200, html, htmlType)),
    kind: 'failed-precondition',
    text: /text\/html/,
  },
  {
    name: 'HTML instead of a layer',
    set: () => registry.on(layer(), says(200, html, htmlType)),
    kind: 'failed-precondition',
    text: /sha256:\w{64}: .*: has 78 bytes for it, not 300276/,
  },
  {
    name: 'an error in the body of a good answer for the manifest',
    set: () => registry.on('manifest', says(200, refused, json)),
    kind: 'failed-precondition',
    text: /answered 200 ok with an error: denied \(come back later\)/,
  },
  {
    name: 'an error in the body of a good answer for a layer',
    set: () => registry.on(layer(), says(200, refused, json)),
    kind: 'failed-precondition',
    text: /sha256:\w{64}: .*: has \d+ bytes for it, not 300276/,
  },
  {
    name: 'a manifest of a gigabyte',
    set: () => registry.on('manifest', floods(2 ** 30, { 'content-type': mediaTypes.ociManifest })),
    kind: 'resource-exhausted',
    text: /the manifest has 1073741824 bytes, more than 8388608/,
  },
  {
    name: 'a manifest of a gigabyte, of which only the download tells',
    set: () => registry.on('manifest', onlyFor('GET', floods(2 ** 30, { 'content-type': mediaTypes.ociManifest }))),
    kind: 'failed-precondition',
    text: /sha256:\w{64}: .*: has 1073741824 bytes for it, not \d+/,
  },
];

test.each(passing)('$name', async ({ name, set, kind, text }) => {
  const reference = registry.add(`passing/${passing.findIndex((each) => each.name === name)}`, '1', good);
  set();
  const error = await puller.fails(reference);
  registry.heal();
  expectError(error, kind, text);
  expect(error.message, 'which host').toContain(registry.host);
  expect(await puller.recovers(reference, registry)).toBe(good.root.digest);
});

/** What is wrong with an image for ever. */
const lasting: {
  readonly name: string;
  readonly image: () => OciImage;
  readonly kind: ErrorKind;
  readonly text: RegExp;
}[] = [
  {
    name: 'a size that is missing',
    image: () => manifestWith(layersWith({ size: undefined })),
    kind: 'invalid-argument',
    text: /sha256:\w{64} has size missing/,
  },
  {
    name: 'a size below nothing',
    image: () => manifestWith(layersWith({ size: -1 })),
    kind: 'invalid-argument',
    text: /sha256:\w{64} has size -1/,
  },
  {
    name: 'a size of an exabyte',
    image: () => manifestWith(layersWith({ size: 2 ** 53 })),
    kind: 'invalid-argument',
    text: /sha256:\w{64} has size 9007199254740992/,
  },
  {
    name: 'a digest that is a path',
    image: () => manifestWith(layersWith({ digest: 'sha256:../../../../etc/passwd' })),
    kind: 'invalid-argument',
    text: /a descriptor has digest sha256:..\/..\/..\/..\/etc\/passwd/,
  },
  {
    name: 'a document that is manifest and index in one',
    image: () => manifestWith({ manifests: [good.root] }),
    kind: 'invalid-argument',
    text: /it is both an index and a manifest/,
  },
  {
    name: 'an index that calls itself a manifest',
    image: () => manifestWith({ mediaType: mediaTypes.ociIndex }),
    kind: 'invalid-argument',
    text: /its media type is application\/vnd.oci.image.index.v1\+json/,
  },
  {
    name: 'a document of an unknown type',
    image: () => manifestWith({}, 'application/vnd.example.thing.v1+json'),
    kind: 'invalid-argument',
    text: /application\/vnd.example.thing.v1\+json/,
  },
  {
    name: 'a manifest of more layers than can be',
    image: () => manifestWith({ layers: Array.from({ length: 20_000 }, () => manifest.layers[0]) }),
    kind: 'invalid-argument',
    text: /more than (1000 descriptors|100000 parts)/,
  },
  {
    name: 'a config of more than 8 MiB',
    image: () => ociImage({ layers: [], config: { author: 'x'.repeat(9 * 1024 * 1024) } }),
    kind: 'resource-exhausted',
    text: /document sha256:\w{64}: larger than 8388608 bytes/,
  },
  {
    name: 'an index of a million manifests',
    image: () => document(mediaTypes.ociIndex, { schemaVersion: 2, manifests: Array(1_000_000).fill({}) }, []),
    kind: 'invalid-argument',
    text: /more than (1000 descriptors|100000 parts)/,
  },
  {
    name: 'an index with nothing for any platform here',
    image: () =>
      ociIndex([
        { image: good, architecture: 's390x' },
        { image: good, architecture: 'riscv64' },
      ]),
    kind: 'not-found',
    text: /for linux\/s390x, linux\/riscv64|there is linux\/s390x, linux\/riscv64/,
  },
  {
    name: 'an index with nothing in it',
    image: () => document(mediaTypes.ociIndex, { schemaVersion: 2, manifests: [] }, []),
    kind: 'not-found',
    text: /no match for platform|manifest for linux/,
  },
];

test.each(lasting)('$name', async ({ name, image, kind, text }) => {
  const reference = registry.add(`lasting/${lasting.findIndex((each) => each.name === name)}`, '1', image());
  expectError(await puller.fails(reference), kind, text);
});

test('an index that contains itself', async () => {
  // No document can name its own digest: what is served under a name inside is the document again.
  const inner = sha256('the index itself');
  const child = { mediaType: mediaTypes.ociIndex, digest: inner, size: 0 };
  const circular = () => document(mediaTypes.ociIndex, { schemaVersion: 2, manifests: [child] }, []);
  child.size = circular().root.size;
  child.size = circular().root.size;
  const reference = registry.add('circular', '1', circular());
  registry.on(
    { kind: 'manifest', name: inner },
    says(200, String(circular().blobs.get(circular().root.digest)), {
      'content-type': mediaTypes.ociIndex,
    }),
  );
  const error = await puller.fails(reference);
  expectError(error, 'failed-precondition', new RegExp(inner));
});

test('indexes in indexes, without end', async () => {
  let nested = good;
  for (let depth = 0; depth < 2_000; depth += 1) {
    const { root, blobs } = document(mediaTypes.ociIndex, { schemaVersion: 2, manifests: [nested.root] }, []);
    registry.add('nested', `${depth}`, { root, blobs: new Map([...(depth === 0 ? good.blobs : []), ...blobs]) });
    nested = { root, blobs };
  }
  const error = await puller.fails(`${registry.host}/nested:1999`);
  expectError(error, 'resource-exhausted', /more than 100 manifests/);
});

test('indexes that fan out to a million manifests', async () => {
  // Those that nobody comes to are not there: all would be 150 MB.
  const made = new Map<string, Buffer>();
  const leaf = (branch: number, index: number) => ({
    ...describe(mediaTypes.ociManifest, Buffer.from(`${branch} ${index}`)),
    platform: { os: 'linux', architecture: `x${index}` },
  });
  const branches = Array.from({ length: 1_000 }, (_, branch) => {
    const manifests = Array.from({ length: 1_000 }, (__, index) => ({
      ...leaf(branch, 0),
      platform: leaf(0, 0).platform,
      size: index + 1,
    }));
    const { root, blobs } = document(mediaTypes.ociIndex, { schemaVersion: 2, manifests }, []);
    if (branch < 200) made.set(root.digest, blobs.get(root.digest) as Buffer);
    return root;
  });
  const reference = registry.add(
    'fan',
    '1',
    document(mediaTypes.ociIndex, { schemaVersion: 2, manifests: branches }, [...made.values()]),
  );
  const error = await puller.fails(reference);
  expectError(error, 'resource-exhausted', /more than (100 manifests|1000 manifests, or 67108864 bytes)/);
});

test('a layer that is listed twice is downloaded once', async () => {
  const twice = ociImage({
    layers: [
      await noiseLayer('twice', 100_000),
      await noiseLayer('between', 1_000),
      await noiseLayer('twice', 100_000),
    ],
  });
  const reference = registry.add('twice', '1', twice);
  expect(await puller.pull(reference)).toBe(twice.root.digest);
  const { layers } = JSON.parse(String(twice.blobs.get(twice.root.digest))) as { layers: [Descriptor] };
  expect(registry.bytesSent(layers[0].digest)).toBe(layers[0].size);
  expect((await puller.stores()).snapshots).toHaveLength(3);
});

test('layers of unknown types are kept, not unpacked', async () => {
  const types = manifestWith({
    layers: manifest.layers.map((each) => ({ ...each, mediaType: 'application/vnd.example.model' })),
  });
  const reference = registry.add('model', '1', types);
  await puller.pull(reference, { unpack: false });
  expect((await puller.stores()).blobs).toHaveLength(4);
});
