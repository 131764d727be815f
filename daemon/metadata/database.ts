import { GantryError } from '../../base/errors.ts';
import { Mutex } from '../../base/mutex.ts';
import { ChecksummedEngine } from './checksummed-engine.ts';
import type { Engine } from './engine.ts';
import { Journal } from './journal.ts';
import { migrate } from './migrations.ts';
import { decodeRecord, keyOf, prefixOf, type Table } from './table.ts';
import { decodeEntries, type Entry, type Reader, Transaction } from './transaction.ts';

export interface UpdateOptions {
  /**
   * False resolves before the writes are synced: they reach the disk together with the next durable update, never after
   * it. For state that means nothing until that update. Default true.
   */
  readonly durable?: boolean;
  /** False keeps the update from observers: for one that must not set off what watches the others. Default true. */
  readonly observed?: boolean;
}

/** Changed keys (table and parts joined with a NUL) with their new value; `null` for a deleted one. */
export type Changes = ReadonlyMap<string, Buffer | null>;

/**
 * Every fact the daemon keeps about itself (schema.ts). Reads outside a transaction see what is written; updates run one
 * after another, and one that has resolved survives a power cut.
 */
export class Database implements Reader, AsyncDisposable {
  readonly #engine: Engine;
  readonly #journal: Journal;
  readonly #writers = new Mutex();
  readonly #observers = new Set<(changes: Changes) => void>();
  #closing: Promise<void> | undefined;

  private constructor(engine: Engine) {
    this.#engine = engine;
    this.#journal = new Journal(engine);
  }

  /** Opens, creating or migrating it as needed, the database of a directory, or one over another engine. */
  static async open(where: string | Engine): Promise<Database> {
    const engine = typeof where === 'string' ? new ChecksummedEngine(where) : where;
    await engine.open();
    const database = new Database(engine);
    try {
      await migrate(database);
      return database;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  async get<T>(table: Table<T>, key: readonly string[]): Promise<T | undefined> {
    const path = keyOf(table, key);
    const bytes = await this.#engine.get(path);
    return bytes === undefined ? undefined : decodeRecord(table, path, bytes);
  }

  /**
   * Whether a record exists. Other than `get` it waits for no thread, but holds up everybody else should the disk be
   * needed: for what is asked thousands of times in a row.
   */
  async hasSoon(table: Table<unknown>, key: readonly string[]): Promise<boolean> {
    const path = keyOf(table, key);
    try {
      return this.#engine.hasNow(path);
    } catch {
      // The engine is being opened again: this waits for it.
      return (await this.#engine.get(path)) !== undefined;
    }
  }

  list<T>(table: Table<T>, prefix: readonly string[]): AsyncIterable<Entry<T>> {
    return decodeEntries(table, this.#engine.entries(prefixOf(table, prefix)));
  }

  /**
   * Runs `body` alone and then writes all it has staged, or nothing if it throws. Resolves with the body's result when
   * that, and everything the body may have read, is on disk. Keep slow work out of the body: other updates wait for it.
   * A body must not call `update` itself.
   */
  async update<T>(body: (tx: Transaction) => Promise<T> | T, options: UpdateOptions = {}): Promise<T> {
    if (this.#closing) throw new GantryError('unavailable', 'metadata database is closed');
    const { result, written } = await this.#writers.run(async () => {
      const era = this.#journal.era;
      const tx = new Transaction(this.#engine, this.#journal);
      const bodyResult = await body(tx);
      if (era !== this.#journal.era) {
        throw new GantryError('unavailable', 'metadata this update builds on could not be written');
      }
      const durable = options.durable ?? true;
      if (options.observed ?? true) this.#tell(tx.changes);
      // Wrapped in an object: a bare promise would be awaited here and hold the lock until the disk is done.
      return { result: bodyResult, written: this.#write(tx, durable) };
    });
    await written;
    return result;
  }

  /** Changes whenever an update could not be written: what was read before, or is read meanwhile, is then void. */
  get era(): number {
    return this.#journal.era;
  }

  /**
   * Calls `observer` with the changes of every update from now on, in their order, when its body has ended and before the
   * next body runs. They may still fail to be written. What was staged before is in the database once an `update` that is
   * called after this has resolved. Returns what ends it.
   */
  observe(observer: (changes: Changes) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  #tell(changes: Changes): void {
    if (changes.size > 0) for (const observer of this.#observers) observer(changes);
  }

  #write(tx: Transaction, durable: boolean): Promise<void> {
    return tx.changes.size > 0 ? this.#journal.append(tx.changes, durable) : this.#journal.settled();
  }

  /** Waits for updates under way, then lets go of the directory. */
  close(): Promise<void> {
    this.#closing ??= this.#writers.run(async () => {
      await this.#journal.settled().catch(() => undefined);
      await this.#engine.close();
    });
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
