import { alreadyExists, failedPrecondition, invalidArgument, notFound } from '../../base/errors.ts';
import type { Context } from '../context.ts';
import { joinLease, leaveLease } from './lease-resources.ts';
import { ensureNamespace } from './namespaces.ts';
import { type SnapshotRecord, snapshotChildTable, snapshotTable } from './schema.ts';
import type { Reader, Transaction } from './transaction.ts';

/** The metadata of one snapshotter's snapshots: what a namespace knows by which name, and what stands on what. */
export class SnapshotTable {
  readonly #snapshotter: string;
  readonly #leaseType: string;

  constructor(snapshotter: string) {
    this.#snapshotter = snapshotter;
    this.#leaseType = `snapshots/${snapshotter}`;
  }

  find(reader: Reader, namespace: string, key: string): Promise<SnapshotRecord | undefined> {
    return reader.get(snapshotTable, [namespace, this.#snapshotter, key]);
  }

  /** @throws GantryError not-found */
  async require(reader: Reader, namespace: string, key: string): Promise<SnapshotRecord> {
    const record = await this.find(reader, namespace, key);
    if (record === undefined) throw notFound(`snapshot ${key} does not exist`);
    return record;
  }

  /** The record to stand on; undefined for no parent. */
  async parent(reader: Reader, namespace: string, parent: string): Promise<SnapshotRecord | undefined> {
    if (parent === '') return undefined;
    const record = await this.find(reader, namespace, parent);
    if (record === undefined) throw notFound(`parent snapshot ${parent} does not exist`);
    return record;
  }

  /** The snapshots of a namespace in the order of their keys. */
  async *list(reader: Reader, namespace: string): AsyncIterable<{ name: string; record: SnapshotRecord }> {
    for await (const { key, value } of reader.list(snapshotTable, [namespace, this.#snapshotter])) {
      yield { name: key.at(-1) ?? '', record: value };
    }
  }

  /** The snapshots of all namespaces. */
  async *everywhere(reader: Reader): AsyncIterable<{ namespace: string; name: string; record: SnapshotRecord }> {
    for await (const { key, value } of reader.list(snapshotTable, [])) {
      const [namespace = '', snapshotter, name = ''] = key;
      if (snapshotter === this.#snapshotter) yield { namespace, name, record: value };
    }
  }

  /** Adds a snapshot that the snapshotter has on `backendParent`, and joins it to the caller's lease. */
  async create(
    tx: Transaction,
    ctx: Context,
    key: string,
    record: SnapshotRecord,
    backendParent: string,
  ): Promise<void> {
    const { namespace } = ctx;
    if ((await this.find(tx, namespace, key)) !== undefined) throw alreadyExists(`snapshot "${key}"`);
    const parent = await this.parent(tx, namespace, record.parent);
    if ((parent?.backendKey ?? '') !== backendParent) {
      throw invalidArgument(`mismatched parent ${record.parent} from target ${key}`);
    }
    await ensureNamespace(tx, namespace);
    await this.join(tx, ctx, key);
    this.replace(tx, namespace, key, record);
    this.#link(tx, namespace, record.parent, key);
  }

  /** Puts the committed snapshot `name` in place of the active one `key`. */
  async commit(tx: Transaction, ctx: Context, key: string, name: string, record: SnapshotRecord): Promise<void> {
    const { namespace } = ctx;
    const active = await this.require(tx, namespace, key);
    await this.parent(tx, namespace, record.parent);
    await this.join(tx, ctx, name);
    this.#forget(tx, ctx, key, active);
    this.replace(tx, namespace, name, record);
    this.#link(tx, namespace, record.parent, name);
  }

  /** @throws GantryError not-found, or failed-precondition if it has children */
  async remove(tx: Transaction, ctx: Context, key: string): Promise<SnapshotRecord> {
    const record = await this.require(tx, ctx.namespace, key);
    for await (const _ of tx.list(snapshotChildTable, [ctx.namespace, this.#snapshotter, key])) {
      throw failedPrecondition('cannot remove snapshot with child');
    }
    this.#forget(tx, ctx, key, record);
    return record;
  }

  /** Deletes what is stored of a snapshot, for one who knows that it has no children and what its parent is, if any. */
  delete(tx: Transaction, namespace: string, key: string, parent: string): void {
    tx.delete(snapshotTable, [namespace, this.#snapshotter, key]);
    if (parent !== '') tx.delete(snapshotChildTable, [namespace, this.#snapshotter, parent, key]);
  }

  replace(tx: Transaction, namespace: string, key: string, record: SnapshotRecord): void {
    tx.put(snapshotTable, [namespace, this.#snapshotter, key], record);
  }

  /** Joins a snapshot to the caller's lease, if it has one. */
  async join(tx: Transaction, ctx: Context, key: string): Promise<void> {
    await joinLease(tx, ctx, this.#leaseType, key);
  }

  #forget(tx: Transaction, ctx: Context, key: string, record: SnapshotRecord): void {
    this.delete(tx, ctx.namespace, key, record.parent);
    leaveLease(tx, ctx, this.#leaseType, key);
  }

  #link(tx: Transaction, namespace: string, parent: string, key: string): void {
    if (parent !== '') tx.put(snapshotChildTable, [namespace, this.#snapshotter, parent, key], {});
  }
}
