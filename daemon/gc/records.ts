import type { Changes } from '../metadata/database.ts';
import {
  activationTable,
  blobTable,
  containerTable,
  imageTable,
  ingestTable,
  leaseResourceTable,
  leaseTable,
  sandboxTable,
  snapshotTable,
} from '../metadata/schema.ts';
import { decodeRecord, partsOf, type Table } from '../metadata/table.ts';
import type { Reader } from '../metadata/transaction.ts';
import type { Graph } from './graph.ts';
import { type NodeId, nodeId } from './node.ts';

/** How the records of one table enter the graph. */
export interface Source {
  readonly table: string;
  /** Every record of the table. */
  read(reader: Reader): AsyncIterable<(graph: Graph) => void>;
  /** Enters one record; the nodes that are kept alive by its having been written just now. */
  enter(graph: Graph, key: string, bytes: Buffer): readonly NodeId[];
  /** The node of a record; undefined where the record is none of its own. */
  nodeOf(parts: readonly string[]): NodeId | undefined;
}

function source<T>(
  table: Table<T>,
  enter: (graph: Graph, parts: readonly string[], value: T) => readonly NodeId[],
  nodeOf: (parts: readonly string[]) => NodeId | undefined,
): Source {
  return {
    table: table.name,
    async *read(reader) {
      for await (const { key, value } of reader.list(table, [])) yield (graph) => void enter(graph, key, value);
    },
    enter: (graph, key, bytes) => enter(graph, partsOf(key), decodeRecord(table, key, bytes)),
    nodeOf,
  };
}

/**
 * The tables that say what is in use, in the order in which they are read: what a lease holds after the lease.
 * @param isOpen whether somebody is writing an ingest, by its ref in the content store
 */
export function sources(isOpen: (backendRef: string) => boolean): readonly Source[] {
  return [
    source(
      leaseTable,
      (graph, [ns = ''], lease) => [graph.lease(ns, lease)],
      ([ns = '', id = '']) => nodeId('lease', ns, id),
    ),
    source(
      leaseResourceTable,
      (graph, [ns = '', lease = '', type = '', id = '']) => some(graph.leased(ns, lease, type, id)),
      () => undefined,
    ),
    source(
      imageTable,
      (graph, [ns = ''], image) => [graph.image(ns, image)],
      ([ns = '', name = '']) => nodeId('image', ns, name),
    ),
    source(
      containerTable,
      (graph, [ns = ''], container) => [graph.container(ns, container)],
      ([ns = '', id = '']) => nodeId('container', ns, id),
    ),
    source(
      sandboxTable,
      (graph, [ns = ''], sandbox) => graph.sandbox(ns, sandbox),
      () => undefined,
    ),
    source(
      blobTable,
      (graph, [ns = ''], info) => [graph.blob(ns, info)],
      ([ns = '', digest = '']) => nodeId('content', ns, digest),
    ),
    source(
      ingestTable,
      (graph, [ns = '', ref = ''], record) => [graph.ingest(ns, ref, record, isOpen(record.backendRef))],
      ([ns = '', ref = '']) => nodeId('ingest', ns, ref),
    ),
    source(
      snapshotTable,
      (graph, [ns = '', snapshotter = '', key = ''], record) => [graph.snapshot(ns, snapshotter, key, record)],
      ([ns = '', snapshotter = '', key = '']) => nodeId('snapshot', ns, `${snapshotter}/${key}`),
    ),
    source(
      activationTable,
      (graph, [ns = '', name = ''], record) => [graph.mount(ns, name, record)],
      ([ns = '', name = '']) => nodeId('mount', ns, name),
    ),
  ];
}

function some(node: NodeId | undefined): NodeId[] {
  return node === undefined ? [] : [node];
}

const referringTables = new Set(sources(() => false).map(({ table }) => table));
/** Tables of which containerd counts a deletion. */
const deletableTables = new Set(
  [leaseTable, leaseResourceTable, imageTable, containerTable, blobTable, snapshotTable].map(({ name }) => name),
);
const contentTables = new Set([blobTable.name, ingestTable.name]);

/** What an update means to the collector. */
export interface Mutation {
  /** It changed what refers to what. */
  readonly counts: boolean;
  /** It took something away without putting something in its place, as a commit does. */
  readonly deletes: boolean;
  /** Blobs or ingests on disk may have lost their record. */
  readonly dropsContent: boolean;
}

export function mutationOf(changes: Changes): Mutation {
  let [counts, deletes, puts, dropsContent] = [false, false, false, false];
  for (const [key, value] of changes) {
    const table = key.slice(0, key.indexOf('\0'));
    counts ||= referringTables.has(table);
    dropsContent ||= value === null && contentTables.has(table);
    if (!deletableTables.has(table)) continue;
    if (value === null) deletes = true;
    else puts = true;
  }
  return { counts, deletes: deletes && !puts, dropsContent };
}
