import { timestampFromNs } from '../../proto/timestamp.ts';
import { decodeRecord, encodeRecord, type SnapshotRecord } from '../../snapshotter/record.ts';
import type { Database } from './database.ts';
import { ensureNamespace } from './namespaces.ts';
import type { StrayLayer } from './rebuild.ts';
import { snapshotChildTable, snapshotTable } from './schema.ts';
import { raiseSequence } from './sequences.ts';
import { snapshotterRecords } from './snapshotter-records.ts';
import type { Transaction } from './transaction.ts';

/** The layers of a snapshotter as they are on disk. */
export interface Snapshots {
  /** Name of the snapshotter. */
  readonly name: string;
  /** Each directory of a layer, and what it says of itself if it does. */
  layers(): Promise<readonly { readonly directory: string; readonly record: SnapshotRecord | undefined }[]>;
}

/** What a namespace calls a snapshot that was put back. */
interface Name {
  readonly namespace: string;
  readonly name: string;
}

export interface Restored extends Name {
  readonly snapshotter: string;
}

/** What the snapshotter calls a snapshot, taken apart: `<namespace>/<number>/<name>`. */
interface BackendKey extends Name {
  readonly number: number;
}

/**
 * Puts back the records of layers that have lost them: the snapshotter's own, then what namespaces call them. A layer
 * whose parent is gone is of no use to anybody and gets none.
 */
export async function rebuildSnapshots(
  database: Database,
  snapshots: Snapshots,
): Promise<{ restored: Restored[]; strayLayers: StrayLayer[] }> {
  const records = snapshotterRecords(database, snapshots.name);
  const known = new Map<string, SnapshotRecord>();
  for await (const { key, value } of records.list(['snapshot'])) {
    const name = key.at(-1) ?? '';
    known.set(name, decodeRecord(name, value));
  }
  const layers = await snapshots.layers();
  const lost = withParents(known, layers);
  for (const record of lost) known.set(record.name, record);
  await records.write(
    [...known.values()].flatMap((record) => [
      { key: ['snapshot', record.name], value: encodeRecord(record) },
      ...(record.parent === '' ? [] : [{ key: ['child', record.parent, record.name], value: Buffer.alloc(0) }]),
    ]),
  );
  const ids = new Set([...known.values()].map(({ id }) => String(id)));
  const strayLayers = layers
    .filter(({ directory }) => !ids.has(directory))
    .map(({ directory }) => ({ snapshotter: snapshots.name, directory }));
  const restored = await database.update((tx) => nameAll(tx, snapshots.name, [...known.values()]));
  return { restored, strayLayers };
}

/** The records that are missing and stand on others, known or missing, all the way down. */
function withParents(
  known: ReadonlyMap<string, SnapshotRecord>,
  layers: Awaited<ReturnType<Snapshots['layers']>>,
): SnapshotRecord[] {
  const ids = new Set([...known.values()].map(({ id }) => id));
  const missing = new Map<string, SnapshotRecord>();
  for (const { record } of layers) {
    if (record !== undefined && !ids.has(record.id) && !known.has(record.name)) missing.set(record.name, record);
  }
  const isWhole = (record: SnapshotRecord): boolean => {
    if (record.parent === '') return true;
    const parent = known.get(record.parent) ?? missing.get(record.parent);
    return parent?.kind === 'committed' && parent.id === record.parentIds[0] && isWhole(parent);
  };
  return [...missing.values()].filter(isWhole);
}

/** Gives namespaces the names of the snapshots that have none. */
async function nameAll(tx: Transaction, snapshotter: string, records: readonly SnapshotRecord[]): Promise<Restored[]> {
  const named = new Set<string>();
  for await (const { key, value } of tx.list(snapshotTable, [])) {
    if (key[1] === snapshotter) named.add(value.backendKey);
    if (key[1] !== snapshotter || value.parent === '') continue;
    tx.put(snapshotChildTable, [key[0] ?? '', snapshotter, value.parent, key[2] ?? ''], {});
  }
  const restored: Restored[] = [];
  for (const record of records) {
    const key = takeApart(record.name);
    if (key === undefined) continue;
    const { namespace, name, number } = key;
    await raiseSequence(tx, `snapshots/${namespace}/${snapshotter}`, number);
    if (named.has(record.name) || (await tx.has(snapshotTable, [namespace, snapshotter, name]))) continue;
    await ensureNamespace(tx, namespace);
    const parent = record.parent === '' ? '' : (takeApart(record.parent)?.name ?? '');
    tx.put(snapshotTable, [namespace, snapshotter, name], {
      backendKey: record.name,
      parent,
      labels: record.labels,
      createdAt: timestampFromNs(record.createdAtNs),
      updatedAt: timestampFromNs(record.updatedAtNs),
    });
    if (parent !== '') tx.put(snapshotChildTable, [namespace, snapshotter, parent, name], {});
    restored.push({ namespace, snapshotter, name });
  }
  return restored;
}

function takeApart(backendKey: string): BackendKey | undefined {
  const [namespace = '', number = '', ...rest] = backendKey.split('/');
  if (!/^\d+$/.test(number) || rest.length === 0) return undefined;
  return { namespace, number: Number(number), name: rest.join('/') };
}
