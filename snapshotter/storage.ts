import type { Clock } from '../base/clock.ts';
import { alreadyExists, failedPrecondition, invalidArgument, notFound } from '../base/errors.ts';
import { parseFilters } from '../base/filter.ts';
import { Mutex } from '../base/mutex.ts';
import type { KeyValue, KeyValueChange } from './key-value.ts';
import {
  decodeRecord,
  encodeRecord,
  infoOf,
  type SnapshotRecord,
  snapshotField,
  storedLabels,
  updatedLabels,
} from './record.ts';
import type { CommitOptions, Labels, SnapshotChange, SnapshotUsage } from './snapshotter.ts';

/** First parts of the keys. */
const snapshots = 'snapshot';
const children = 'child';

/** Records removed with one write. */
const writeSize = 1_000;
/** How many records are kept at hand. */
const recentRecords = 1_000;

/** What a caller says of a snapshot to be made. */
export interface NewSnapshot {
  readonly kind: 'active' | 'view';
  readonly key: string;
  /** Name of a committed snapshot, or ''. */
  readonly parent: string;
  readonly labels: Labels;
}

export interface StorageDeps {
  readonly records: KeyValue;
  readonly clock: Clock;
}

/**
 * The records of one snapshotter, and the rules of what may be stacked, committed and removed.
 *
 *     snapshot, <key or name>     record, see record.ts
 *     child, <parent>, <child>    empty; the children of a committed snapshot
 *
 * Changes run one after another; each is one atomic write.
 */
export class SnapshotStorage {
  readonly #records: KeyValue;
  readonly #clock: Clock;
  readonly #writing = new Mutex();
  /** Records as last written, oldest first; all others are in the store alone. */
  readonly #recent = new Map<string, SnapshotRecord>();
  #lastId: number | undefined;

  constructor(deps: StorageDeps) {
    this.#records = deps.records;
    this.#clock = deps.clock;
  }

  /** A new id, above every id in use. Ids that never reach a record may be given again after a restart. */
  nextId(): Promise<number> {
    return this.#writing.run(async () => {
      this.#lastId = (this.#lastId ?? (await this.#highestId())) + 1;
      return this.#lastId;
    });
  }

  /** The ids in use. */
  async ids(): Promise<Set<number>> {
    const ids = new Set<number>();
    for await (const record of this.#all()) ids.add(record.id);
    return ids;
  }

  /** @throws GantryError not-found */
  async get(key: string): Promise<SnapshotRecord> {
    const record = await this.#find(key);
    if (record === undefined) throw notFound(`snapshot ${key} does not exist`);
    return record;
  }

  /** The committed snapshot that a new one may stand on; undefined for no parent. */
  async parent(name: string): Promise<SnapshotRecord | undefined> {
    if (name === '') return undefined;
    const parent = await this.#find(name);
    if (parent === undefined) throw notFound(`parent snapshot ${name} does not exist`);
    if (parent.kind !== 'committed') throw invalidArgument(`parent "${name}" is not committed snapshot`);
    return parent;
  }

  /** Stores a new active snapshot or view. */
  async create(id: number, { kind, key, parent, labels }: NewSnapshot): Promise<SnapshotRecord> {
    validateKey(key);
    return this.#writing.run(async () => {
      const [below] = await Promise.all([this.parent(parent), this.refuseExisting(key)]);
      const now = this.#clock.now();
      const record: SnapshotRecord = {
        id,
        parentIds: idsBelow(below),
        name: key,
        parent,
        kind,
        labels: storedLabels(labels),
        createdAtNs: now,
        updatedAtNs: now,
        usage: null,
      };
      await this.#write(record, [put(record), ...childLink(record, Buffer.alloc(0))]);
      return record;
    });
  }

  /** @throws GantryError already-exists if the key or name is in use */
  async refuseExisting(key: string): Promise<void> {
    if ((await this.#find(key)) !== undefined) throw alreadyExists(`snapshot ${key}`);
  }

  /** Replaces the active snapshot `key` by the committed one `name`. */
  async commit(name: string, key: string, usage: SnapshotUsage, options: CommitOptions): Promise<SnapshotRecord> {
    validateKey(name);
    return this.#writing.run(async () => {
      if ((await this.#find(name)) !== undefined) throw alreadyExists(`committed snapshot ${name}`);
      const active = await this.active(key);
      const parent = rebased(active, options.parent ?? '');
      const below = await this.#committedParent(parent, key);
      const now = this.#clock.now();
      const committed: SnapshotRecord = {
        ...active,
        name,
        parent,
        parentIds: idsBelow(below),
        kind: 'committed',
        labels: storedLabels(options.labels ?? {}),
        createdAtNs: now,
        updatedAtNs: now,
        usage,
      };
      await this.#write(committed, [
        ...withoutRecord(active),
        put(committed),
        ...childLink(committed, Buffer.alloc(0)),
      ]);
      return committed;
    });
  }

  /** The record of an active snapshot. */
  async active(key: string): Promise<SnapshotRecord> {
    const record = await this.#find(key);
    if (record === undefined) throw notFound(`failed to get active snapshot "${key}"`);
    if (record.kind !== 'active') throw failedPrecondition(`snapshot "${key}" is not active`);
    return record;
  }

  /** Removes a record and returns it. */
  remove(key: string): Promise<SnapshotRecord> {
    return this.#writing.run(async () => {
      const record = await this.#find(key);
      if (record === undefined) throw notFound(`snapshot ${key}`);
      for await (const _ of this.#records.list([children, key])) {
        throw failedPrecondition('cannot remove snapshot with child');
      }
      await this.#write(undefined, withoutRecord(record));
      return record;
    });
  }

  /**
   * Removes the records of those names that exist and have no children but each other; resolves with them. Other changes
   * find either all of them or none that is below another.
   */
  removeAll(names: ReadonlySet<string>): Promise<SnapshotRecord[]> {
    return this.#writing.run(async () => {
      const candidates: SnapshotRecord[] = [];
      const needed = new Set<number>();
      for await (const record of this.#all()) {
        if (names.has(record.name)) candidates.push(record);
        else for (const id of record.parentIds) needed.add(id);
      }
      const removed = candidates.filter(({ id }) => !needed.has(id));
      // What has most below it cannot be below any of the others.
      removed.sort((a, b) => b.parentIds.length - a.parentIds.length);
      for (let at = 0; at < removed.length; at += writeSize) {
        await this.#write(undefined, removed.slice(at, at + writeSize).flatMap(withoutRecord));
      }
      return removed;
    });
  }

  update(change: SnapshotChange, fieldPaths: readonly string[]): Promise<SnapshotRecord> {
    return this.#writing.run(async () => {
      const record = await this.get(change.name);
      const labels = updatedLabels(record.labels, change, fieldPaths);
      const updated = { ...record, labels, updatedAtNs: this.#clock.now() };
      await this.#write(updated, [put(updated)]);
      return updated;
    });
  }

  /** The records that match one of the filters, in the order of their keys. */
  async *walk(filters: readonly string[]): AsyncIterable<SnapshotRecord> {
    const matches = parseFilters([...filters]);
    for await (const record of this.#all()) {
      if (matches(snapshotField(infoOf(record)))) yield record;
    }
  }

  async #find(key: string): Promise<SnapshotRecord | undefined> {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    const bytes = await this.#records.get([snapshots, key]);
    return bytes === undefined ? undefined : decodeRecord(key, bytes);
  }

  /** Writes changes, and keeps at hand what was just written: it is mostly what is asked for next. */
  async #write(record: SnapshotRecord | undefined, changes: readonly KeyValueChange[]): Promise<void> {
    for (const { key } of changes) this.#recent.delete(key.at(-1) ?? '');
    await this.#records.write(changes);
    if (record === undefined) return;
    this.#recent.set(record.name, record);
    const [oldest] = this.#recent.size > recentRecords ? this.#recent.keys() : [];
    if (oldest !== undefined) this.#recent.delete(oldest);
  }

  async *#all(): AsyncIterable<SnapshotRecord> {
    for await (const { key, value } of this.#records.list([snapshots])) yield decodeRecord(key.at(-1) ?? '', value);
  }

  async #highestId(): Promise<number> {
    let highest = 0;
    for await (const { id } of this.#all()) highest = Math.max(highest, id);
    return highest;
  }

  async #committedParent(name: string, key: string): Promise<SnapshotRecord | undefined> {
    if (name === '') return undefined;
    const parent = await this.#find(name);
    if (parent === undefined) throw notFound(`missing parent "${name}" of snapshot "${key}"`);
    if (parent.kind !== 'committed') throw failedPrecondition(`parent "${name}" is not committed`);
    return parent;
  }
}

/** @throws GantryError invalid-argument for a key that the storage cannot hold */
function validateKey(key: string): void {
  if (key === '') throw invalidArgument('snapshot key must not be empty');
  if (key.includes('\0')) throw invalidArgument(`snapshot key ${JSON.stringify(key)} must not contain a zero byte`);
}

function rebased(active: SnapshotRecord, parent: string): string {
  if (active.parent === '' || parent === '' || active.parent === parent) return active.parent || parent;
  throw invalidArgument(`cannot change parent of active snapshot "${active.name}" on commit`);
}

function idsBelow(parent: SnapshotRecord | undefined): number[] {
  return parent === undefined ? [] : [parent.id, ...parent.parentIds];
}

function put(record: SnapshotRecord): KeyValueChange {
  return { key: [snapshots, record.name], value: encodeRecord(record) };
}

function withoutRecord(record: SnapshotRecord): KeyValueChange[] {
  return [{ key: [snapshots, record.name], value: null }, ...childLink(record, null)];
}

function childLink(record: SnapshotRecord, value: Buffer | null): KeyValueChange[] {
  return record.parent === '' ? [] : [{ key: [children, record.parent, record.name], value }];
}
