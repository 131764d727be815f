import { setImmediate } from 'node:timers/promises';
import { isKind } from '../../base/errors.ts';
import { Graph } from '../gc/graph.ts';
import { Marking } from '../gc/mark.ts';
import { type NodeId, partsOfNode } from '../gc/node.ts';
import { sources } from '../gc/records.ts';
import { blobTable, ingestTable, snapshotTable } from '../metadata/schema.ts';
import type { Pruned } from './prune.ts';
import type { World } from './world.ts';

const sliceSize = 1_000;

/** What a collection would free at this moment, by kind. A blob that another namespace keeps frees nothing. */
export async function previewGarbage(world: World, nowNs: bigint, signal: AbortSignal): Promise<Pruned[]> {
  const graph = new Graph(nowNs);
  let read = 0;
  for (const source of sources((ref) => world.content.isOpen(ref))) {
    for await (const enter of source.read(world.database)) {
      enter(graph);
      if (++read % sliceSize === 0) await pause(signal);
    }
  }
  const marking = new Marking((node) => graph.references(node));
  marking.shade(graph.roots);
  while (marking.advance(sliceSize)) await pause(signal);
  const garbage = new Map<string, NodeId[]>();
  const keptDigests = new Set<string>();
  for (const node of graph.nodes) {
    const { type, key } = partsOfNode(node);
    if (!marking.isReachable(node)) garbage.set(type, [...(garbage.get(type) ?? []), node]);
    else if (type === 'content') keptDigests.add(key);
  }
  const pruned: Pruned[] = [];
  for (const [type, nodes] of garbage) {
    let sizeBytes = 0;
    for (const node of nodes) sizeBytes += await sizeOf(world, node, keptDigests);
    pruned.push({ kind: names[type] ?? type, count: nodes.length, sizeBytes });
  }
  return pruned;
}

const names: Readonly<Record<string, string>> = {
  content: 'blobs',
  ingest: 'ingests',
  lease: 'leases',
  snapshot: 'snapshots',
  image: 'images',
  mount: 'mounts',
};

async function pause(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}

/** Bytes on disk; what is gone meanwhile takes none. */
async function sizeOf(world: World, node: NodeId, keptDigests: Set<string>): Promise<number> {
  const { type, namespace, key } = partsOfNode(node);
  if (type === 'content') {
    if (keptDigests.has(key)) return 0;
    // Two namespaces may both let go of it.
    keptDigests.add(key);
    return (await world.database.get(blobTable, [namespace, key]))?.size ?? 0;
  }
  if (type === 'ingest') {
    const record = await world.database.get(ingestTable, [namespace, key]);
    return record === undefined ? 0 : zeroIfMissing(world.content.status(record.backendRef), ({ offset }) => offset);
  }
  if (type !== 'snapshot') return 0;
  const at = key.indexOf('/');
  const record = await world.database.get(snapshotTable, [namespace, key.slice(0, at), key.slice(at + 1)]);
  if (record === undefined) return 0;
  // What a proxy would free is for it to know: asking it could take any time.
  const store = world.layerStores.find(({ snapshots }) => snapshots.name === key.slice(0, at));
  if (store === undefined) return 0;
  return zeroIfMissing(store.snapshotter.usage(record.backendKey), ({ sizeBytes }) => sizeBytes);
}

async function zeroIfMissing<T>(look: Promise<T>, bytesOf: (found: T) => number): Promise<number> {
  try {
    return bytesOf(await look);
  } catch (error) {
    // What another process has is for it to know while it is away.
    if (isKind(error, 'not-found') || isKind(error, 'unavailable')) return 0;
    throw error;
  }
}
