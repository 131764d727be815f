import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeRecord, encodeRecord, type SnapshotRecord } from '../record.ts';

/** Beside a layer's files, its record once more: what a host that has lost its database goes by. */
const fileName = 'record.json';

/**
 * Puts a layer's record into its directory. It is not synced: it only counts once the database is lost, and a power cut
 * seldom takes both.
 */
export async function writeLayerRecord(directory: string, record: SnapshotRecord): Promise<void> {
  const path = join(directory, fileName);
  const { name } = record;
  const text = JSON.stringify({ name, record: encodeRecord(record).toString() });
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** The record of a layer; undefined if its directory does not tell. */
export async function readLayerRecord(directory: string): Promise<SnapshotRecord | undefined> {
  try {
    const { name, record } = JSON.parse(await readFile(join(directory, fileName), 'utf8'));
    return decodeRecord(name, Buffer.from(record));
  } catch {
    return undefined;
  }
}
