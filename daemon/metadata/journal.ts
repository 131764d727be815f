import { failpoint } from '../../base/failpoint.ts';
import { randomHex } from '../../base/ids.ts';
import type { Change, Engine } from './engine.ts';

/** Holds the id of the last batch, so that a batch whose writing failed can be looked for after reopening. */
const lastBatchKey = 'meta\0last-batch';

interface Batch {
  readonly changes: Map<string, Buffer | null>;
  sync: boolean;
  readonly written: PromiseWithResolvers<void>;
}

/** A batch that was reported as failed, of which the log may still hold a part or all. */
interface FailedBatch {
  readonly id: string;
  readonly before: Change[];
}

function newBatch(): Batch {
  const written = Promise.withResolvers<void>();
  // Whoever waits sees the failure; without anyone waiting it must not count as unhandled.
  written.promise.catch(() => undefined);
  return { changes: new Map(), sync: false, written };
}

/**
 * Group commit. What transactions hand in while one batch is being written makes up the next, so any number of them
 * shares one sync. Until written, their changes are visible to later transactions only, through `lookup`.
 *
 * When a batch cannot be written, it and everything that may have built on it fails. LevelDB must then be reopened: its
 * log may end in half a record, behind which later records would be lost. Should the failed batch turn out to be in the
 * log after all, it is taken back, for its callers have been told that it did not happen.
 */
export class Journal {
  readonly #engine: Engine;
  #queued = newBatch();
  #writing: Batch | undefined;
  #failed: FailedBatch | undefined;
  #era = 0;
  /** Of this journal's batches, among those of all that have written to the engine. */
  readonly #life = randomHex(8);
  #batches = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Changes whenever unwritten changes are dropped: what a transaction has read before is then void. */
  get era(): number {
    return this.#era;
  }

  /** The unwritten value of a key: `null` if deleted, `undefined` if the engine has the last word. */
  lookup(key: string): Buffer | null | undefined {
    const queued = this.#queued.changes.get(key);
    return queued === undefined ? this.#writing?.changes.get(key) : queued;
  }

  /** All unwritten changes, older before newer. */
  *unwritten(): Iterable<Change> {
    if (this.#writing) yield* this.#writing.changes;
    yield* this.#queued.changes;
  }

  /** Queues the changes of one transaction; resolves once they are written, synced if `durable`. */
  append(changes: Iterable<Change>, durable: boolean): Promise<void> {
    const batch = this.#queued;
    for (const [key, value] of changes) batch.changes.set(key, value);
    batch.sync ||= durable;
    if (!this.#writing) void this.#writeAll();
    return batch.written.promise;
  }

  /** Resolves once everything appended so far is written. */
  settled(): Promise<void> {
    if (this.#queued.changes.size > 0) return this.#queued.written.promise;
    return this.#writing?.written.promise ?? Promise.resolve();
  }

  async #writeAll(): Promise<void> {
    while (this.#queued.changes.size > 0) {
      const batch = this.#queued;
      this.#queued = newBatch();
      this.#writing = batch;
      const id = `${this.#life}-${++this.#batches}`;
      try {
        await this.#recover();
        await failpoint('metadata.batch.queued');
        await this.#engine.write([...batch.changes, [lastBatchKey, Buffer.from(id)]], { sync: batch.sync });
        await failpoint('metadata.batch.written');
        this.#writing = undefined;
        batch.written.resolve();
      } catch (error) {
        this.#failed ??= { id, before: await this.#currentValues([...batch.changes.keys(), lastBatchKey]) };
        this.#drop(batch, error);
      }
    }
  }

  #drop(batch: Batch, error: unknown): void {
    const victims = [batch, this.#queued];
    this.#writing = undefined;
    this.#queued = newBatch();
    this.#era++;
    for (const victim of victims) victim.written.reject(error);
  }

  /** Values of keys as the engine, which still reads after a failed write, has them. */
  async #currentValues(keys: readonly string[]): Promise<Change[]> {
    try {
      return await Promise.all(keys.map(async (key) => [key, (await this.#engine.get(key)) ?? null] as const));
    } catch {
      // Nothing can be read either, so nothing is known that could be put back; the write's own failure says why.
      return [];
    }
  }

  async #recover(): Promise<void> {
    if (!this.#failed) return;
    await this.#engine.reopen();
    const last = await this.#engine.get(lastBatchKey);
    if (last?.toString() === this.#failed.id) await this.#engine.write(this.#failed.before, { sync: true });
    this.#failed = undefined;
  }
}
