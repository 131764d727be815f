import { cp, link, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isKind, messageOf } from '../../base/errors.ts';
import { checkedValue, missingWrites } from './checksummed-engine.ts';
import { makeDamageFolder } from './damage-report.ts';
import type { Database } from './database.ts';
import { LevelEngine } from './engine.ts';
import { refuseNewer, versionKey } from './migrations.ts';
import { repairDatabase } from './repair.ts';
import { releaseReserve } from './reserve.ts';
import { metaTable, schemaVersion } from './schema.ts';
import { keyOf } from './table.ts';
import { changedTables, forgetTables } from './table-sums.ts';

/** What was wrong with the database, and what has been done about it. */
export interface Damage {
  /** The folder of what was set aside; the report goes there. */
  readonly folder: string;
  /** What was found, for people. */
  readonly reasons: readonly string[];
  /** Keys of the records that were damaged and are set aside. */
  readonly records: readonly string[];
  /** Whether records may be missing besides those. */
  readonly isIncomplete: boolean;
}

/** What a look through a database has shown. */
interface Examination {
  /** What LevelDB may be able to mend. */
  readonly reasons: string[];
  /** Whether all of it could be read, damaged or not. */
  isReadable: boolean;
  /** Writes that were acknowledged and are gone without a trace. */
  missingWrites: number;
  readonly damaged: { readonly key: Buffer; readonly stored: Buffer }[];
}

/** Failures that say nothing about the database: the way to mend them is not to take it for damaged. */
const surroundings =
  /No space left|Permission denied|Too many open files|Read-only file system|Input\/output error|quota/i;

/**
 * Makes sure that the database in a directory can be opened and that every record in it is as it was written. A damaged
 * one is set aside as it was found, then mended as far as LevelDB can, record by record.
 * @param damaged where damaged things are kept
 * @returns what was wrong, or `sound`, or `absent` for no database at all
 * @throws GantryError as opening does, if it is in use or the machine stands in the way
 */
export async function mendDatabase(directory: string, damaged: string): Promise<Damage | 'sound' | 'absent'> {
  const before = `${directory}.before`;
  await rm(before, { recursive: true, force: true });
  const names = await readdir(directory).catch(noneIfMissing);
  if (!holdsData(names)) {
    await rm(directory, { recursive: true, force: true });
    await forgetTables(directory);
    return 'absent';
  }
  const isInterrupted = await exists(markerOf(directory));
  // Opening alone rewrites the log; links keep what was there at no cost.
  const isFrozen = await freeze(directory, before, names);
  const changed = await changedTables(directory);
  const found = names.includes('CURRENT')
    ? await examine(directory)
    : { reasons: ['the file CURRENT is missing'], isReadable: false, missingWrites: 0, damaged: [] };
  for (const name of changed) found.reasons.push(`${name} is not as it was written`);
  const isSound = found.reasons.length === 0 && found.damaged.length === 0 && found.missingWrites === 0;
  if (isSound && !isInterrupted) {
    await rm(before, { recursive: true, force: true });
    return 'sound';
  }
  await beginMending(directory);
  await forgetTables(directory);
  const folder = await makeDamageFolder(damaged);
  const aside = join(folder, 'database');
  if (isFrozen) await rename(before, aside);
  else await cp(directory, aside, { recursive: true });
  const left = found.reasons.length === 0 ? found : await repair(directory, found.isReadable, changed);
  const missing = left.missingWrites;
  const records = [...found.damaged, ...left.damaged];
  await dropRecords(directory, left, join(folder, 'records.jsonl'));
  return {
    folder,
    reasons: [
      ...found.reasons,
      ...left.reasons.filter((reason) => !found.reasons.includes(reason)),
      ...(missing === 0 ? [] : [`the last ${missing} writes are missing`]),
      ...(isInterrupted ? ['it was being mended'] : []),
    ],
    records: [...new Set(records.map(({ key }) => key.toString().replaceAll('\0', '/')))],
    isIncomplete: isInterrupted || found.reasons.length > 0 || missing > 0,
  };
}

/** Exists while a database that was damaged is not yet as complete as it will be. */
const markerOf = (directory: string) => `${directory}.mending`;

/** Makes sure that an interruption from here on is not taken for a sound database that knows little. */
export async function beginMending(directory: string): Promise<void> {
  await putMarker(markerOf(directory));
}

async function putMarker(path: string): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  await file.sync();
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** All that can be put back is in the database. */
export async function endMending(directory: string, database: Database): Promise<void> {
  // The database counts its writes: after this one no write counts as missing any more.
  await database.update((tx) => tx.put(metaTable, versionKey, schemaVersion));
  await rm(markerOf(directory), { force: true });
}

/** A first start that was interrupted leaves files, too, but none that could hold a record. */
function holdsData(names: readonly string[]): boolean {
  return names.includes('CURRENT') || names.some((name) => /\.(ldb|sst|log)$/.test(name));
}

async function freeze(directory: string, before: string, names: readonly string[]): Promise<boolean> {
  try {
    await mkdir(before, { mode: 0o700 });
    for (const name of names.filter((each) => each !== 'LOCK' && each !== 'lost')) {
      await link(join(directory, name), join(before, name));
    }
    return true;
  } catch {
    await rm(before, { recursive: true, force: true });
    return false;
  }
}

/** Examines the database; on a full disk, where opening is too much, with the space that is kept back for that. */
async function examine(directory: string): Promise<Examination> {
  try {
    return await readAll(directory);
  } catch (error) {
    if (!messageOf(error).includes('No space left') || !(await releaseReserve(directory))) throw error;
    return readAll(directory);
  }
}

/** Opens the database, reads every record of it and closes it again. */
async function readAll(directory: string): Promise<Examination> {
  const engine = new LevelEngine(directory);
  const found: Examination = { reasons: [], isReadable: false, missingWrites: 0, damaged: [] };
  try {
    await engine.open();
    let [whole, unsearchable] = [0, ''];
    try {
      await refuseNewerSchema(engine);
      found.missingWrites = await missingWrites(engine, directory);
    } catch (error) {
      if (isKind(error, 'failed-precondition')) throw error;
      // It may still be read from one end to the other.
      unsearchable = messageOf(error);
    }
    found.reasons.push(...(await droppedFromLog(directory)));
    for await (const [key, stored] of engine.rawEntries()) {
      if (checkedValue(key, stored) === undefined) found.damaged.push({ key, stored });
      else if (unsearchable === '' && whole++ % searchEvery === 0) unsearchable = whyNotFound(engine, key.toString());
    }
    found.isReadable = true;
    if (unsearchable !== '') found.reasons.push(unsearchable);
  } catch (error) {
    const message = messageOf(error);
    if (isKind(error, 'failed-precondition') || surroundings.test(message)) throw error;
    found.reasons.push(message);
  } finally {
    await engine.close();
  }
  return found;
}

/** A part of a table that nothing but searching needs is never longer than for this many records. */
const searchEvery = 8;

/** Empty if a record that has been read is found by its key, too. */
function whyNotFound(engine: LevelEngine, key: string): string {
  try {
    return engine.hasNow(key) ? '' : 'records cannot be found by their keys';
  } catch (error) {
    return messageOf(error);
  }
}

/** A newer release may store records in a way that looks like damage to this one. */
async function refuseNewerSchema(engine: LevelEngine): Promise<void> {
  const key = keyOf(metaTable, versionKey);
  const stored = await engine.get(key);
  const value = stored === undefined ? undefined : checkedValue(Buffer.from(key), stored);
  if (value !== undefined) refuseNewer(metaTable.decode(value));
}

/** LevelDB passes over damaged parts of its log and only notes that it did, in a file of its own. */
async function droppedFromLog(directory: string): Promise<string[]> {
  const notes = await readFile(join(directory, 'LOG'), 'utf8').catch(() => '');
  return [...notes.matchAll(/(\S+\.log: dropping \d+ bytes; .*)$/gm)].map(([, note = '']) => note);
}

/** What LevelDB can save stays in the directory; a database that it cannot is emptied. */
async function repair(directory: string, isReadable: boolean, changed: readonly string[]): Promise<Examination> {
  const reasons: string[] = [];
  try {
    if (isReadable) {
      await moveOver(directory);
    } else {
      // Changed tables are what LevelDB fails over.
      for (const name of changed) await rm(join(directory, name), { force: true });
      await repairDatabase(directory);
    }
    const left = await examine(directory);
    const fatal = left.reasons.filter((reason) => !reason.includes(': dropping '));
    if (fatal.length === 0) return left;
    reasons.push(...fatal);
  } catch (error) {
    if (isKind(error, 'failed-precondition') || surroundings.test(messageOf(error))) throw error;
    reasons.push(messageOf(error));
  }
  await rm(directory, { recursive: true, force: true });
  return { reasons, isReadable: true, missingWrites: 0, damaged: [] };
}

/** Puts every whole record into a new database in place of the old one. */
async function moveOver(directory: string): Promise<void> {
  const fresh = `${directory}.fresh`;
  await rm(fresh, { recursive: true, force: true });
  const [from, to] = [new LevelEngine(directory), new LevelEngine(fresh)];
  try {
    await from.open();
    await to.open();
    await copyWhole(from, to);
  } finally {
    await from.close();
    await to.close();
  }
  await rm(directory, { recursive: true });
  await rename(fresh, directory);
}

async function copyWhole(from: LevelEngine, to: LevelEngine): Promise<void> {
  let batch: [string, Buffer][] = [];
  for await (const [key, stored] of from.rawEntries()) {
    if (checkedValue(key, stored) !== undefined) batch.push([key.toString(), stored]);
    if (batch.length < batchLength) continue;
    await to.write(batch, { sync: false });
    batch = [];
  }
  await to.write(batch, { sync: true });
}

const batchLength = 1_000;

/** Takes damaged records out of the database and keeps them beside it. */
async function dropRecords(directory: string, { damaged }: Examination, path: string): Promise<void> {
  if (damaged.length === 0) return;
  const lines = damaged.map(({ key, stored }) =>
    JSON.stringify({ key: key.toString('base64'), stored: stored.toString('base64') }),
  );
  await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  const engine = new LevelEngine(directory);
  await engine.open();
  try {
    await engine.deleteRaw(damaged.map(({ key }) => key));
  } finally {
    await engine.close();
  }
}

function noneIfMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
