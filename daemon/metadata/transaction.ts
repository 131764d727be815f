import type { Change, Engine } from './engine.ts';
import type { Journal } from './journal.ts';
import { decodeRecord, keyOf, partsOf, prefixOf, type Table } from './table.ts';

/** One record with the parts of its key. */
export interface Entry<T> {
  readonly key: string[];
  readonly value: T;
}

/** What can be read, inside a transaction and out. */
export interface Reader {
  get<T>(table: Table<T>, key: readonly string[]): Promise<T | undefined>;
  /** Records whose key starts with these parts, in byte order of the key, as they were at the time of the call. */
  list<T>(table: Table<T>, prefix: readonly string[]): AsyncIterable<Entry<T>>;
}

/** Reads and staged writes of one `Database.update`. Writes are seen by its own reads at once, by nobody else. */
export class Transaction implements Reader {
  readonly #engine: Engine;
  readonly #journal: Journal;
  readonly #staged = new Map<string, Buffer | null>();

  constructor(engine: Engine, journal: Journal) {
    this.#engine = engine;
    this.#journal = journal;
  }

  /** What the body has written so far. */
  get changes(): ReadonlyMap<string, Buffer | null> {
    return this.#staged;
  }

  async get<T>(table: Table<T>, key: readonly string[]): Promise<T | undefined> {
    const path = keyOf(table, key);
    const bytes = await this.#bytes(path);
    return bytes === undefined ? undefined : decodeRecord(table, path, bytes);
  }

  async has(table: Table<unknown>, key: readonly string[]): Promise<boolean> {
    return (await this.#bytes(keyOf(table, key))) !== undefined;
  }

  list<T>(table: Table<T>, prefix: readonly string[]): AsyncIterable<Entry<T>> {
    const start = prefixOf(table, prefix);
    const unwritten = new Map<string, Buffer | null>();
    for (const [key, value] of this.#journal.unwritten()) if (key.startsWith(start)) unwritten.set(key, value);
    for (const [key, value] of this.#staged) if (key.startsWith(start)) unwritten.set(key, value);
    return decodeEntries(table, merge(this.#engine.entries(start), unwritten));
  }

  put<T>(table: Table<T>, key: readonly string[], value: T): void {
    this.#staged.set(keyOf(table, key), table.encode(value));
  }

  delete(table: Table<unknown>, key: readonly string[]): void {
    this.#staged.set(keyOf(table, key), null);
  }

  /** Deletes every record whose key starts with these parts. */
  async deleteAll<T>(table: Table<T>, prefix: readonly string[]): Promise<void> {
    for await (const { key } of this.list(table, prefix)) this.delete(table, key);
  }

  async #bytes(path: string): Promise<Buffer | undefined> {
    const staged = this.#staged.get(path);
    const known = staged === undefined ? this.#journal.lookup(path) : staged;
    return known === undefined ? this.#engine.get(path) : (known ?? undefined);
  }
}

export async function* decodeEntries<T>(
  table: Table<T>,
  entries: AsyncIterable<readonly [string, Buffer]>,
): AsyncGenerator<Entry<T>> {
  for await (const [key, bytes] of entries) yield { key: partsOf(key), value: decodeRecord(table, key, bytes) };
}

/** Lays changes over stored entries, keeping the byte order of the keys. */
async function* merge(
  stored: AsyncIterable<readonly [string, Buffer]>,
  changes: ReadonlyMap<string, Buffer | null>,
): AsyncGenerator<readonly [string, Buffer]> {
  const rest: Change[] = [...changes].sort(([a], [b]) => compareBytes(a, b));
  let next = 0;
  for await (const entry of stored) {
    for (; next < rest.length; next++) {
      const [key, value] = rest[next] as Change;
      if (compareBytes(key, entry[0]) >= 0) break;
      if (value !== null) yield [key, value];
    }
    if (!changes.has(entry[0])) yield entry;
  }
  for (const [key, value] of rest.slice(next)) if (value !== null) yield [key, value];
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
