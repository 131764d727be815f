import { chainIds } from '../../base/digest.ts';
import { GantryError, isKind } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import type { Descriptor } from '../../image/manifest.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { setLabels } from '../content/labels.ts';
import { withLease } from '../lease.ts';
import type { ResolvedImage } from './resolve.ts';

const removeTimeoutMs = 10_000;

export interface UnpackOptions extends CallOptions {
  snapshotter: string;
  /** Told before each layer that has to be unpacked; layers count from 1. */
  onLayer?: ((layer: number, total: number) => void) | undefined;
}

/**
 * Makes the committed snapshot of an image's root file system and returns its name, the chain id; an image without layers
 * has none. gantryd does it itself, many layers at once; with any other containerd it is done from here, layer by layer.
 * Layers that exist are left alone, also those that somebody else finishes meanwhile.
 * `client` should keep its lease until something refers to the snapshot: the label on the config does from the end on.
 */
export async function unpackImage(
  client: Client,
  image: ResolvedImage,
  options: UnpackOptions,
): Promise<string | undefined> {
  const chain = chainIds(image.config.diffIds);
  const top = chain.at(-1);
  if (top === undefined) return undefined;
  if (await isCommitted(client, top, options)) return top;
  await withLease(client, options, async (leased) => {
    if (await unpackThere(leased, image, options)) return;
    await unpackFromHere(leased, image, chain, options);
  });
  return top;
}

/** @returns false if the daemon does not unpack images */
async function unpackThere(client: Client, image: ResolvedImage, options: UnpackOptions): Promise<boolean> {
  const { snapshotter, onLayer } = options;
  const layers = image.layers.map(({ mediaType, digest, size }, position) => ({
    descriptor: { mediaType, digest, size },
    diffId: image.config.diffIds[position] ?? '',
  }));
  const request = { snapshotter, configDigest: image.configDigest, layers };
  try {
    const progress = client.service('gantry.unpack.v1.Unpack').Unpack(request, options);
    for await (const { layer } of progress) onLayer?.(layer, layers.length);
    return true;
  } catch (error) {
    if (isKind(error, 'unimplemented')) return false;
    throw error;
  }
}

/** Unpacks one layer after another with containerd's services; also where it is no Gantry at the other end. */
export async function unpackFromHere(
  client: Client,
  image: ResolvedImage,
  chain: readonly string[],
  options: UnpackOptions,
): Promise<void> {
  for (const [position, layer] of image.layers.entries()) {
    const chainId = chain[position];
    const diffId = image.config.diffIds[position];
    if (chainId === undefined || diffId === undefined || (await isCommitted(client, chainId, options))) continue;
    options.onLayer?.(position + 1, image.layers.length);
    await unpackLayer(client, { layer, diffId, chainId, parent: chain[position - 1] ?? '' }, options);
    await setLabels(client, layer.digest, { 'containerd.io/uncompressed': diffId }, options);
  }
  const label = `containerd.io/gc.ref.snapshot.${options.snapshotter}`;
  await setLabels(client, image.configDigest, { [label]: chain.at(-1) ?? '' }, options);
}

async function isCommitted(client: Client, key: string, options: UnpackOptions): Promise<boolean> {
  try {
    await client
      .service('containerd.services.snapshots.v1.Snapshots')
      .Stat({ snapshotter: options.snapshotter, key }, options);
    return true;
  } catch (error) {
    if (isKind(error, 'not-found')) return false;
    throw error;
  }
}

async function unpackLayer(
  client: Client,
  { layer, diffId, chainId, parent }: { layer: Descriptor; diffId: string; chainId: string; parent: string },
  options: UnpackOptions,
): Promise<void> {
  const snapshots = client.service('containerd.services.snapshots.v1.Snapshots');
  const { snapshotter } = options;
  // The key is nobody else's, so two clients that unpack the same layer never write into one directory.
  const key = `extract-${randomHex(8)} ${chainId}`;
  const { mounts } = await snapshots.Prepare({ snapshotter, key, parent }, options);
  try {
    const { mediaType, digest, size } = layer;
    const diff = client.service('containerd.services.diff.v1.Diff');
    const { applied } = await diff.Apply({ diff: { mediaType, digest, size }, mounts }, options);
    if (applied?.digest !== diffId) {
      throw new GantryError('failed-precondition', `layer ${digest}: unpacks to ${applied?.digest}, not to ${diffId}`);
    }
    await snapshots.Commit({ snapshotter, name: chainId, key }, options);
  } catch (error) {
    await snapshots.Remove({ snapshotter, key }, { timeoutMs: removeTimeoutMs }).catch(() => undefined);
    if (!isKind(error, 'already-exists')) throw error;
  }
}
