import { GantryError, isKind, messageOf } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { randomHex } from '../../base/ids.ts';
import type { Limiter } from '../../base/limiter.ts';
import type { Logger } from '../../base/logger.ts';
import { abortable } from '../../base/signals.ts';
import type { ApplyRequest } from '../../proto/gen/api/services/diff/v1/diff.ts';
import type { Labels, Mount, SnapshotInfo } from '../../snapshotter/snapshotter.ts';
import type { Context } from '../context.ts';
import type { Layer } from './layer.ts';

/** A snapshotter as a namespace sees it. */
export interface LayerSnapshots {
  readonly name: string;
  prepare(ctx: Context, key: string, parent: string, options: { readonly labels: Labels }): Promise<Mount[]>;
  commit(
    ctx: Context,
    name: string,
    key: string,
    options: { readonly labels: Labels; readonly parent?: string },
  ): Promise<void>;
  remove(ctx: Context, key: string): Promise<void>;
  stat(ctx: Context, key: string): Promise<SnapshotInfo>;
}

/** What is known of a layer that has been extracted. */
export interface ExtractedLayer {
  readonly diffId: string;
  /** Extracted without the layers below, it is perhaps not what it would be on top of them. */
  readonly needsBelow: boolean;
}

export interface ExtractDeps {
  readonly snapshots: LayerSnapshots;
  /** What callers may rely on, in containerd's words. */
  readonly capabilities: readonly string[];
  readonly layers: { extract(ctx: Context, request: ApplyRequest): Promise<ExtractedLayer> };
  /** Lets so many layers be extracted at once that they keep all cores busy. */
  readonly turns: Limiter;
  /** The same for layers that are still on their way, and mostly wait for their bytes. */
  readonly arrivingTurns: Limiter;
  readonly arrivals: { find(namespace: string, digest: string): Arrival | undefined };
  readonly log: Logger;
}

/** A layer on its way. */
export interface Arrival {
  /** Resolves when the first bytes are there. */
  readonly begun: Promise<void>;
  readonly isOver: boolean;
}

const refLabel = 'containerd.io/snapshot.ref';
const diffIdLabel = 'containerd.io/snapshot/diff-id';
const parentLabel = 'containerd.io/snapshot/parent-chain-id';

/** Failures that the layers below have nothing to do with. */
const ownFailures: readonly string[] = [
  ...['canceled', 'data-loss', 'failed-precondition', 'resource-exhausted', 'unimplemented'],
];

export interface LayerToExtract {
  readonly layer: Layer;
  /** Resolves when the layer below is committed; undefined if it was before. */
  readonly below: Promise<void> | undefined;
  /** Called when there is something to do and it is this one's turn. */
  readonly begin: () => void;
  /** What is known of its image: once a layer had to be extracted twice, those after it wait for the one below. */
  readonly image: { needsOrder: boolean };
}

/**
 * Makes the committed snapshot of a layer. It need not wait for the layer below: where the snapshotter can put a parent
 * below a snapshot that was made without one, the layer is extracted beside it, and the two are stacked when both are done.
 * A layer that turns out to need what is below, for the attributes of a directory that it only implies, to hide all of it,
 * or because it cannot be extracted alone, is extracted once more on top of it.
 * @returns false if the snapshot was there already
 */
export async function extractLayer(ctx: Context, deps: ExtractDeps, work: LayerToExtract): Promise<boolean> {
  const { snapshots, capabilities } = deps;
  const { layer } = work;
  const { signal } = ctx;
  const below = work.below && abortable(work.below, signal);
  // Whether it fails is of interest further down.
  below?.catch(() => undefined);
  if (!capabilities.includes('rebase')) await below;
  const first = await inTurn(ctx, deps, layer, async () => {
    const isStanding = layer.parent === '' || (await isThere(ctx, snapshots, layer.parent));
    if (!isStanding && work.image.needsOrder) return undefined;
    work.begin();
    return extract(ctx, deps, layer, isStanding ? layer.parent : '');
  });
  if (first?.needsParent) work.image.needsOrder = true;
  let attempt = first ?? (await onTop(ctx, deps, { ...work, below }));
  try {
    if (attempt.key === undefined) return false;
    await failpoint('unpack.layer.extracted');
    await below;
    if (attempt.needsParent) {
      await snapshots.remove(ctx, attempt.key);
      attempt = await inTurn(ctx, deps, layer, () => extract(ctx, deps, layer, layer.parent));
      if (attempt.key === undefined) return false;
    }
    const { parent } = layer;
    const options = { labels: labelsOf(layer), ...(parent === '' ? {} : { parent }) };
    await snapshots.commit(ctx, layer.chainId, attempt.key, options);
    await failpoint('unpack.layer.committed');
    return true;
  } catch (error) {
    if (attempt.key !== undefined) await discard(ctx, deps, attempt.key);
    if (isKind(error, 'already-exists')) return false;
    throw error;
  }
}

async function onTop(ctx: Context, deps: ExtractDeps, { layer, below, begin }: LayerToExtract): Promise<Attempt> {
  await below;
  return inTurn(ctx, deps, layer, () => {
    begin();
    return extract(ctx, deps, layer, layer.parent);
  });
}

/** A layer of which nothing has come yet does not take the turn of another. */
async function inTurn<T>(ctx: Context, deps: ExtractDeps, layer: Layer, task: () => Promise<T>): Promise<T> {
  const { signal } = ctx;
  const arrival = deps.arrivals.find(ctx.namespace, layer.descriptor.digest);
  if (arrival === undefined) return deps.turns.run(task, { signal });
  await abortable(arrival.begun, signal);
  return (arrival.isOver ? deps.turns : deps.arrivingTurns).run(task, { signal });
}

async function isThere(ctx: Context, snapshots: LayerSnapshots, name: string): Promise<boolean> {
  if (name === '') return false;
  try {
    await snapshots.stat(ctx, name);
    return true;
  } catch (error) {
    if (isKind(error, 'not-found')) return false;
    throw error;
  }
}

interface Attempt {
  /** Of the active snapshot; undefined if the committed one is there already. */
  readonly key?: string;
  readonly needsParent: boolean;
}

async function extract(ctx: Context, deps: ExtractDeps, layer: Layer, parent: string): Promise<Attempt> {
  const { snapshots, layers } = deps;
  const { descriptor, diffId, chainId } = layer;
  const isAlone = layer.parent !== parent;
  // The key is nobody else's, so nobody else writes into the directory.
  const key = `extract-${randomHex(8)} ${chainId}`;
  let mounts: Mount[];
  try {
    mounts = await snapshots.prepare(ctx, key, parent, { labels: labelsOf(layer) });
  } catch (error) {
    if (isKind(error, 'already-exists')) return { needsParent: false };
    throw error;
  }
  try {
    await failpoint('unpack.layer.prepared');
    const target = isAlone ? asUpperDirectory(mounts) : mounts;
    if (target === undefined) return { key, needsParent: true };
    const request = { diff: descriptor, mounts: target, payloads: {}, syncFs: false };
    const applied = await layers.extract(ctx, request);
    if (applied.diffId !== diffId) {
      const text = `layer ${descriptor.digest}: unpacks to ${applied.diffId}, not to ${diffId}`;
      throw new GantryError('failed-precondition', text);
    }
    return { key, needsParent: isAlone && applied.needsBelow };
  } catch (error) {
    const isOwn = !(error instanceof GantryError) || ownFailures.includes(error.kind);
    if (isAlone && !isOwn && !ctx.signal.aborted) return { key, needsParent: true };
    await discard(ctx, deps, key);
    throw error;
  }
}

/**
 * The directory of a snapshot without a parent as what it is going to be: the upper one of an overlay, in which deletions
 * have to be written down. Undefined if it is not one directory.
 */
function asUpperDirectory([mount, ...others]: readonly Mount[]): Mount[] | undefined {
  if (mount?.type !== 'bind' || others.length > 0) return undefined;
  return [{ type: 'overlay', source: 'overlay', target: '', options: [`upperdir=${mount.source}`] }];
}

function labelsOf({ chainId, diffId, parent }: Layer): Labels {
  return { [refLabel]: chainId, [diffIdLabel]: diffId, ...(parent === '' ? {} : { [parentLabel]: parent }) };
}

/** What cannot be removed goes with the lease. */
async function discard(ctx: Context, { snapshots, log }: ExtractDeps, key: string): Promise<void> {
  try {
    await snapshots.remove({ ...ctx, signal: new AbortController().signal }, key);
  } catch (error) {
    if (isKind(error, 'not-found')) return;
    log.warn({ namespace: ctx.namespace, snapshot: key, error: messageOf(error) }, 'cannot remove a half-made layer');
  }
}
