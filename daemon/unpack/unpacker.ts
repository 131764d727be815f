import { chainIds, isDigest } from '../../base/digest.ts';
import { GantryError, invalidArgument, isKind, notFound } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import type { Info } from '../../proto/gen/api/services/content/v1/content.ts';
import type { Descriptor } from '../../proto/gen/api/types/descriptor.ts';
import type { Context } from '../context.ts';
import { type ExtractDeps, extractLayer, type LayerSnapshots, type LayerToExtract } from './extract.ts';
import { Flights } from './flights.ts';
import type { Layer } from './layer.ts';
import type { UnpackLeases } from './leases.ts';

export interface UnpackerDeps extends Omit<ExtractDeps, 'snapshots' | 'capabilities' | 'arrivals'> {
  readonly snapshotters: ReadonlyMap<string, LayerSnapshots>;
  /** What callers may rely on, by the name of the snapshotter; nothing of those that are not named. */
  readonly capabilities: Readonly<Record<string, readonly string[]>>;
  readonly content: {
    readonly arrivals: ExtractDeps['arrivals'];
    update(ctx: Context, change: Info, paths: readonly string[]): Promise<Info>;
  };
  readonly leases: UnpackLeases;
}

/** An image for one platform. */
export interface ImageToUnpack {
  readonly snapshotter: string;
  readonly configDigest: string;
  /** Bottom first. */
  readonly layers: readonly { readonly descriptor: Descriptor | null; readonly diffId: string }[];
}

/** Told of each layer that is going to be extracted here, counted from 1 at the bottom, and when it has been. */
export type OnLayer = (layer: number, state: 'begun' | 'done') => void;

const uncompressedLabel = 'containerd.io/uncompressed';
const maxLayers = 1_000;

/**
 * Makes snapshots of the layers of images, as many at once as keep all cores busy. For the whole daemon, a layer that several
 * images have, or that several clients of a namespace want, is extracted once. What is being made is kept by a lease of its
 * own until the image's config refers to it.
 */
export class Unpacker {
  readonly #deps: UnpackerDeps;
  readonly #flights = new Flights();

  constructor(deps: UnpackerDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves with the chain id, the name of the committed snapshot of the whole image, when it is on disk; undefined for an
   * image without layers. The lease of the caller holds it then.
   * @throws GantryError failed-precondition for a layer that is another than its diff id says
   */
  async unpack(ctx: Context, image: ImageToUnpack, onLayer: OnLayer = () => undefined): Promise<string | undefined> {
    const layers = layersOf(image);
    const top = layers.at(-1)?.chainId;
    const snapshots = this.#deps.snapshotters.get(image.snapshotter);
    if (snapshots === undefined) throw notFound(`snapshotter ${image.snapshotter}`);
    if (top === undefined) return undefined;
    const { leases } = this.#deps;
    const lease = await leases.open(ctx);
    const departures: Promise<void>[] = [];
    try {
      const held = { ...ctx, leaseId: lease };
      const done = await this.#countDone(held, snapshots, layers);
      await failpoint('unpack.image.begun');
      const capabilities = this.#deps.capabilities[image.snapshotter] ?? [];
      const extract = { ...this.#deps, snapshots, capabilities, arrivals: this.#deps.content.arrivals };
      await this.#stack(held, { layers, done, extract, departures, onLayer });
      await leases.hold(ctx, [ctx.leaseId], image.snapshotter, top);
      await this.#label(ctx, image.configDigest, `containerd.io/gc.ref.snapshot.${image.snapshotter}`, top);
      await failpoint('unpack.image.recorded');
      return top;
    } finally {
      // What was started here may go on for others, under this lease.
      const closing = Promise.all(departures).then(() => leases.close(ctx, lease));
      if (!ctx.signal.aborted) await closing;
    }
  }

  /** How many layers, from the bottom, are there already; the topmost of them is kept from here on. */
  async #countDone(ctx: Context, snapshots: LayerSnapshots, layers: readonly Layer[]): Promise<number> {
    for (let count = layers.length; count > 0; count -= 1) {
      const name = layers[count - 1]?.chainId ?? '';
      try {
        await snapshots.stat(ctx, name);
        await this.#deps.leases.hold(ctx, [ctx.leaseId], snapshots.name, name);
        // Somebody may have taken it away before it was held.
        await snapshots.stat(ctx, name);
        return count;
      } catch (error) {
        if (!isKind(error, 'not-found')) throw error;
      }
    }
    return 0;
  }

  async #stack(
    ctx: Context,
    image: {
      readonly layers: readonly Layer[];
      readonly done: number;
      readonly extract: ExtractDeps;
      readonly departures: Promise<void>[];
      readonly onLayer: OnLayer;
    },
  ): Promise<void> {
    const { name } = image.extract.snapshots;
    const giveUp = new AbortController();
    const stop = () => giveUp.abort(ctx.signal.reason);
    ctx.signal.addEventListener('abort', stop, { once: true });
    if (ctx.signal.aborted) stop();
    const arrivals: Promise<void>[] = [];
    let below: Promise<void> | undefined;
    const course = { needsOrder: false };
    for (const [index, layer] of image.layers.entries()) {
      if (index < image.done) continue;
      const work = { layer, below, begin: () => image.onLayer(index + 1, 'begun'), image: course };
      const { arrived, done, left } = this.#flights.join(`${ctx.namespace}\0${name}\0${layer.chainId}`, {
        signal: giveUp.signal,
        start: async (signal) => {
          if (await this.#extract({ ...ctx, signal }, image.extract, work)) image.onLayer(index + 1, 'done');
        },
        arrive: () => this.#deps.leases.hold(ctx, [ctx.leaseId], name, layer.chainId),
      });
      if (left !== undefined) image.departures.push(left);
      arrivals.push(arrived);
      below = done;
      // The first failure ends them all: the layers above cannot be stacked any more.
      arrived.catch((error: unknown) => giveUp.abort(error));
    }
    const ends = await Promise.allSettled(arrivals);
    ctx.signal.removeEventListener('abort', stop);
    ctx.signal.throwIfAborted();
    if (ends.some(({ status }) => status === 'rejected')) throw giveUp.signal.reason;
  }

  async #extract(ctx: Context, deps: ExtractDeps, work: LayerToExtract): Promise<boolean> {
    const isNew = await extractLayer(ctx, deps, work);
    const { descriptor, diffId } = work.layer;
    if (isNew) await this.#label(ctx, descriptor.digest, uncompressedLabel, diffId);
    return isNew;
  }

  async #label(ctx: Context, digest: string, label: string, value: string): Promise<void> {
    const change = { digest, size: 0, createdAt: null, updatedAt: null, labels: { [label]: value } };
    await this.#deps.content.update(ctx, change, [`labels.${label}`]);
  }
}

/** @throws GantryError invalid-argument for what cannot be an image */
function layersOf({ configDigest, layers }: ImageToUnpack): Layer[] {
  if (layers.length > maxLayers) throw new GantryError('resource-exhausted', `image has more than ${maxLayers} layers`);
  if (!isDigest(configDigest)) throw invalidArgument(`digest of the config "${configDigest}" is none`);
  const chain = chainIds(layers.map(({ diffId }) => diffId));
  return layers.map(({ descriptor, diffId }, index) => {
    if (descriptor === null || !isDigest(descriptor.digest) || !isDigest(diffId)) {
      throw invalidArgument(`layer ${index + 1}: descriptor or diff id "${diffId}" is none`);
    }
    return { descriptor, diffId, chainId: chain[index] ?? '', parent: chain[index - 1] ?? '' };
  });
}
