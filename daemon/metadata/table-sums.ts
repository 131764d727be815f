import { createReadStream } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/**
 * Checksums of LevelDB's table files, beside the database. A table never changes once it is written, and a flipped bit in
 * what LevelDB itself keeps in it can make records vanish that nobody would miss.
 */
const sumsOf = (directory: string) => `${directory}.sums`;

type Sums = Record<string, number>;

/** Notes the tables there are. Tables made later are not watched until the next time. */
export async function noteTables(directory: string): Promise<void> {
  const sums: Sums = {};
  for (const name of await tablesIn(directory)) sums[name] = await sumOf(join(directory, name));
  const path = sumsOf(directory);
  await writeFile(`${path}.new`, JSON.stringify(sums), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Tables that are not what they were when they were noted. */
export async function changedTables(directory: string): Promise<string[]> {
  const sums = await readFile(sumsOf(directory), 'utf8').then(
    (text) => JSON.parse(text) as Sums,
    () => ({}) as Sums,
  );
  const changed: string[] = [];
  for (const name of await tablesIn(directory)) {
    if (Object.hasOwn(sums, name) && (await sumOf(join(directory, name))) !== sums[name]) changed.push(name);
  }
  return changed;
}

/** To be done before a database is mended: it may use the same names for other tables. */
export async function forgetTables(directory: string): Promise<void> {
  await rm(sumsOf(directory), { force: true });
}

async function tablesIn(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => /\.(ldb|sst)$/.test(name));
}

async function sumOf(path: string): Promise<number> {
  let sum = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) sum = crc32(chunk as Buffer, sum);
  return sum;
}
