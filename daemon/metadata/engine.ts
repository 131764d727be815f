import { statfs } from 'node:fs/promises';
import { Level } from 'level';
import { GantryError, messageOf } from '../../base/errors.ts';

/** Space that recovering a log may take: LevelDB rewrites what the log holds, at most one 4 MiB buffer, as a table. */
const reopenRoomBytes = 16 * 1024 * 1024;

/** A key and its new value; `null` deletes it. */
export type Change = readonly [key: string, value: Buffer | null];

/** The ordered, durable map beneath the database. Keys are compared by their UTF-8 bytes. */
export interface Engine {
  open(): Promise<void>;
  /** Waits for what is under way. A closed engine can be opened again. */
  close(): Promise<void>;
  /** Closes and opens again, which is the only way on after a failed write. Leaves the engine open if it cannot. */
  reopen(): Promise<void>;
  get(key: string): Promise<Buffer | undefined>;
  /** Whether the key is there, without leaving the thread: quick for what is in memory, and it mostly is. */
  hasNow(key: string): boolean;
  /** Entries whose key starts with `prefix`, as they were at the time of the call. */
  entries(prefix: string): AsyncIterable<readonly [key: string, value: Buffer]>;
  /** Applies all changes or none. With `sync` they, and all earlier ones, are on disk when it resolves. */
  write(changes: Iterable<Change>, options: { readonly sync: boolean }): Promise<void>;
}

/** LevelDB in a directory of its own. Opening a directory that another process holds fails with failed-precondition. */
export class LevelEngine implements Engine {
  readonly #directory: string;
  readonly #level: Level<string, Buffer>;

  constructor(directory: string) {
    this.#directory = directory;
    this.#level = new Level(directory, { keyEncoding: 'utf8', valueEncoding: 'buffer' });
  }

  async open(): Promise<void> {
    try {
      await this.#level.open();
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      const locked = cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';
      const reason = cause instanceof Error ? cause.message : messageOf(error);
      throw new GantryError(
        locked ? 'failed-precondition' : 'data-loss',
        `metadata database ${this.#directory} cannot be opened: ${reason}`,
        { cause: error },
      );
    }
  }

  async close(): Promise<void> {
    await this.#level.close();
  }

  async reopen(): Promise<void> {
    // Opening needs room to write; closing first and then failing to open would take reads away as well.
    const { bavail, bsize } = await statfs(this.#directory);
    if (bavail * bsize < reopenRoomBytes) {
      throw new GantryError('resource-exhausted', `metadata database ${this.#directory}: no space left on device`);
    }
    await this.close();
    await this.open();
  }

  async get(key: string): Promise<Buffer | undefined> {
    // While it is being opened again a read has to wait. Otherwise it is answered on this thread: a record is in memory
    // or one small read away, and the way through the thread pool takes five times as long as the look-up.
    return this.#level.status === 'open' ? this.#level.getSync(key) : this.#level.get(key);
  }

  hasNow(key: string): boolean {
    return this.#level.getSync(key) !== undefined;
  }

  entries(prefix: string): AsyncIterable<readonly [string, Buffer]> {
    // Created here, not on the first step: LevelDB takes its snapshot when the iterator is made.
    // Key parts hold no \0, so the prefix ends in one and its last byte plus one bounds the range.
    return this.#level.iterator({ gte: prefix, lt: `${prefix.slice(0, -1)}\u0001` });
  }

  /** Every entry as it is stored, also one whose key is no text any more. */
  rawEntries(): AsyncIterable<readonly [key: Buffer, value: Buffer]> {
    return this.#level.iterator({ keyEncoding: 'buffer' });
  }

  async deleteRaw(keys: readonly Buffer[]): Promise<void> {
    await this.#level.batch(
      keys.map((key) => ({ type: 'del', key, keyEncoding: 'buffer' })),
      { sync: true },
    );
  }

  /** Makes what can still be read of a closed database one that can be opened, with LevelDB's own means. */
  static async repair(directory: string): Promise<void> {
    // The types of the package are those it shares with browsers, where there is nothing to repair.
    await (Level as unknown as { repair(location: string): Promise<void> }).repair(directory);
  }

  async write(changes: Iterable<Change>, options: { readonly sync: boolean }): Promise<void> {
    const batch = this.#level.batch();
    for (const [key, value] of changes) {
      if (value === null) batch.del(key);
      else batch.put(key, value);
    }
    try {
      await batch.write(options);
    } catch (error) {
      const kind = messageOf(error).includes('No space left') ? 'resource-exhausted' : 'internal';
      const what = `metadata database ${this.#directory} cannot be written: ${messageOf(error)}`;
      throw new GantryError(kind, what, { cause: error });
    }
  }
}
