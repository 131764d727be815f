import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { GantryError, isKind } from '../../base/errors.ts';
import { type Change, type Engine, LevelEngine } from './engine.ts';
import { releaseReserve } from './reserve.ts';

const checksumBytes = 4;

/** In the database, how many writes were synced so far. */
const syncedWritesKey = 'meta\0synced-writes';

/** Beside the database, the same number once more: a log that lost its end looks like one that ended there. */
const tipOf = (directory: string) => `${directory}.tip`;

/** How many synced writes were acknowledged but are not in an open database. */
export async function missingWrites(engine: LevelEngine, directory: string): Promise<number> {
  return Math.max(0, (await readTip(directory)) - numberOf(await engine.get(syncedWritesKey)));
}

/** The value of a stored entry; undefined if key or value are not what was written. */
export function checkedValue(key: Buffer, stored: Buffer): Buffer | undefined {
  if (stored.length < checksumBytes) return undefined;
  const value = stored.subarray(checksumBytes);
  return stored.readUInt32LE() === checksumOf(key, value) ? value : undefined;
}

/**
 * Puts a checksum of key and value before every value. LevelDB has its own, but does not look at them when it reads: a
 * flipped bit would be handed out as if it had been written. And it counts what it has synced, in the database and, after
 * that, beside it.
 */
export class ChecksummedEngine implements Engine {
  readonly #directory: string;
  readonly #inner: LevelEngine;
  #syncedWrites = 0;
  #tip: number | undefined;

  constructor(directory: string) {
    this.#directory = directory;
    this.#inner = new LevelEngine(directory);
  }

  async open(): Promise<void> {
    await this.#inner.open();
    const recorded = numberOf(await this.#inner.get(syncedWritesKey));
    this.#syncedWrites = Math.max(recorded, await readTip(this.#directory));
    this.#tip ??= openSync(tipOf(this.#directory), constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  async close(): Promise<void> {
    if (this.#tip !== undefined) closeSync(this.#tip);
    this.#tip = undefined;
    await this.#inner.close();
  }

  reopen(): Promise<void> {
    return this.#inner.reopen();
  }

  async get(key: string): Promise<Buffer | undefined> {
    const stored = await this.#inner.get(key);
    return stored === undefined ? undefined : required(key, stored);
  }

  hasNow(key: string): boolean {
    return this.#inner.hasNow(key);
  }

  entries(prefix: string): AsyncIterable<readonly [string, Buffer]> {
    return checkedEntries(this.#inner.entries(prefix));
  }

  async write(changes: Iterable<Change>, options: { readonly sync: boolean }): Promise<void> {
    if (!options.sync) return this.#write([...changes], options);
    this.#syncedWrites += 1;
    const number = String(this.#syncedWrites);
    await this.#write([...changes, [syncedWritesKey, Buffer.from(number)]], options);
    this.#noteTip(number);
  }

  /** On a full disk, what only deletes may use the space that is kept for it: else nothing could ever be freed. */
  async #write(changes: readonly Change[], options: { readonly sync: boolean }): Promise<void> {
    const stored = [...withChecksums(changes)];
    try {
      await this.#inner.write(stored, options);
    } catch (error) {
      if (!isKind(error, 'resource-exhausted') || !changes.every(frees)) throw error;
      if (!(await releaseReserve(this.#directory))) throw error;
      // The log may end in half of what was written; behind that nothing would be found.
      await this.#inner.reopen();
      await this.#inner.write(stored, options);
    }
  }

  /** Not synced: after a power cut it may name an earlier write, never a later one. A few bytes do not hold up the loop. */
  #noteTip(number: string): void {
    try {
      if (this.#tip !== undefined) writeSync(this.#tip, number.padStart(tipLength), 0);
    } catch {
      // A full disk: then the end of the log is not watched for a while.
    }
  }
}

/** Whether a change takes something away, or only counts. */
function frees([key, value]: Change): boolean {
  return value === null || key.startsWith('meta\0') || key.startsWith('sequences\0');
}

async function* checkedEntries(
  entries: AsyncIterable<readonly [string, Buffer]>,
): AsyncGenerator<readonly [string, Buffer]> {
  for await (const [key, stored] of entries) yield [key, required(key, stored)];
}

function* withChecksums(changes: Iterable<Change>): Generator<Change> {
  for (const [key, value] of changes) yield [key, value === null ? null : withChecksum(Buffer.from(key), value)];
}

function withChecksum(key: Buffer, value: Buffer): Buffer {
  const stored = Buffer.allocUnsafe(checksumBytes + value.length);
  stored.writeUInt32LE(checksumOf(key, value));
  value.copy(stored, checksumBytes);
  return stored;
}

function checksumOf(key: Buffer, value: Buffer): number {
  return crc32(value, crc32(key));
}

const tipLength = 16;

async function readTip(directory: string): Promise<number> {
  return Number.parseInt(await readFile(tipOf(directory), 'utf8').catch(() => ''), 10) || 0;
}

/** The number of an entry as it is stored; 0 for none. */
function numberOf(stored: Buffer | undefined): number {
  const value = stored === undefined ? undefined : checkedValue(Buffer.from(syncedWritesKey), stored);
  return value === undefined ? 0 : Number(value.toString());
}

function required(key: string, stored: Buffer): Buffer {
  const value = checkedValue(Buffer.from(key), stored);
  if (value !== undefined) return value;
  throw new GantryError('data-loss', `metadata record ${key.replaceAll('\0', '/')} is damaged: wrong checksum`);
}
