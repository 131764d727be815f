import { mkdtemp, readdir, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endMending, mendDatabase } from './damage.ts';
import { Database } from './database.ts';
import { LevelEngine } from './engine.ts';
import { imageTable, metaTable, namespaceTable, schemaVersion } from './schema.ts';
import { noteTables } from './table-sums.ts';

const image = (name: string) => ({ name, labels: {}, target: null, createdAt: null, updatedAt: null });

/** A database of 200 images, all of them in a table file, and its folder of damaged things. */
async function fixture() {
  const root = await mkdtemp(join(tmpdir(), 'gd-'));
  const directory = join(root, 'level');
  const fill = async (from: number, to: number) => {
    await using database = await Database.open(directory);
    await database.update((tx) => {
      for (let n = from; n < to; n++) tx.put(imageTable, ['ns', `image-${n}`], image(`image-${n}-${'x'.repeat(200)}`));
    });
  };
  await fill(0, 200);
  return {
    root,
    directory,
    damaged: join(root, 'damaged'),
    fill,
    mend: () => mendDatabase(directory, join(root, 'damaged')),
    async finish(): Promise<void> {
      await using database = await Database.open(directory);
      await endMending(directory, database);
    },
    async images(): Promise<number> {
      await using database = await Database.open(directory);
      let count = 0;
      for await (const _ of database.list(imageTable, ['ns'])) count++;
      return count;
    },
    async file(pattern: RegExp): Promise<string> {
      const name = (await readdir(directory)).find((each) => pattern.test(each));
      if (name === undefined) throw new Error(`no ${pattern} in ${await readdir(directory)}`);
      return join(directory, name);
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  await writeFile(path, bytes);
}

test('a database in order is sound and left alone, an absent one is absent', async () => {
  await using at = await fixture();
  expect(await at.mend()).toBe('sound');
  expect(await at.images()).toBe(200);
  expect(await readdir(at.root)).toEqual(['level', 'level.tip']);
  await rm(at.directory, { recursive: true });
  expect(await at.mend()).toBe('absent');
});

test('a first start that was cut short counts as none', async () => {
  await using at = await fixture();
  for (const name of await readdir(at.directory)) if (!/^(LOCK|LOG)/.test(name)) await unlink(join(at.directory, name));
  expect(await at.mend()).toBe('absent');
  expect(await at.images()).toBe(0);
});

test('one record with a flipped bit is set aside, the others live', async () => {
  await using at = await fixture();
  const engine = new LevelEngine(at.directory);
  await engine.open();
  const key = Buffer.from('images\0ns\0image-7');
  for await (const [found, value] of engine.rawEntries()) {
    if (!found.equals(key)) continue;
    const flipped = Buffer.from(value);
    flipped[20] = (flipped[20] ?? 0) ^ 1;
    await engine.write([[key.toString(), flipped]], { sync: true });
  }
  await engine.close();
  const damage = await at.mend();
  expect(damage).toMatchObject({ reasons: [], records: ['images/ns/image-7'], isIncomplete: false });
  expect(await at.images()).toBe(199);
  const [folder = ''] = await readdir(at.damaged);
  const kept = JSON.parse(await readFile(join(at.damaged, folder, 'records.jsonl'), 'utf8')) as { key: string };
  expect(Buffer.from(kept.key, 'base64').toString()).toBe(key.toString());
  await at.finish();
  expect(await at.mend()).toBe('sound');
});

test.each([
  ['CURRENT', (name: string) => name === 'CURRENT'],
  ['the manifest', (name: string) => name.startsWith('MANIFEST')],
])('without %s what the tables hold is saved', async (_, isVictim) => {
  await using at = await fixture();
  for (const name of (await readdir(at.directory)).filter(isVictim)) await unlink(join(at.directory, name));
  expect(await at.mend()).toMatchObject({ isIncomplete: true });
  expect(await at.images()).toBe(200);
  expect(await readdir(at.damaged)).toHaveLength(1);
});

test('a flipped bit in the log loses what it must and is told', async () => {
  await using at = await fixture();
  await flip(await at.file(/\.log$/), 2_000);
  const damage = await at.mend();
  expect(damage).toMatchObject({ isIncomplete: true });
  expect(JSON.stringify(damage)).toMatch(/dropping \d+ bytes/);
  const [folder = ''] = await readdir(at.damaged);
  expect((await readdir(join(at.damaged, folder, 'database'))).some((name) => name.endsWith('.log'))).toBe(true);
  expect(await at.images()).toBeLessThan(200);
  await at.finish();
  expect(await at.mend()).toBe('sound');
});

test('a truncated table takes only its own records with it', async () => {
  await using at = await fixture();
  await at.fill(200, 210);
  await truncate(await at.file(/\.ldb$/), 3_000);
  expect(await at.mend()).toMatchObject({ isIncomplete: true });
  expect(await at.images()).toBe(10);
  expect(await at.mend()).toMatchObject({ reasons: ['it was being mended'], isIncomplete: true });
  await at.finish();
  expect(await at.mend()).toBe('sound');
});

test('a directory of garbage is set aside and starts anew', async () => {
  await using at = await fixture();
  for (const name of await readdir(at.directory)) await writeFile(join(at.directory, name), 'garbage'.repeat(99));
  expect(await at.mend()).toMatchObject({ isIncomplete: true });
  expect(await at.images()).toBe(0);
});

test('a log that has lost its end is told from one that ended there', async () => {
  await using at = await fixture();
  const path = await at.file(/\.log$/);
  // What a kill leaves: half a record that nobody was told of.
  await writeFile(path, Buffer.from([1, 2, 3, 4, 200]), { flag: 'a' });
  expect(await at.mend()).toBe('sound');
  await truncate(await at.file(/\.log$/), 0);
  expect(await at.mend()).toBe('sound');
  await at.fill(200, 201);
  await truncate(await at.file(/\.log$/), 20);
  expect(await at.mend()).toMatchObject({ isIncomplete: true, reasons: ['the last 1 writes are missing'] });
  expect(await at.images()).toBe(200);
  await at.finish();
  expect(await at.mend()).toBe('sound');
});

test('any flipped bit of a table that was noted is seen', async () => {
  await using at = await fixture();
  await at.fill(200, 210);
  await noteTables(at.directory);
  expect(await at.mend()).toBe('sound');
  const path = await at.file(/\.ldb$/);
  const { length } = await readFile(path);
  // The filter, the index and the footer are in the last part, where a flip loses records without an error.
  await flip(path, length - 90);
  expect(await at.mend()).toMatchObject({
    isIncomplete: true,
    reasons: expect.arrayContaining([expect.stringMatching(/\.ldb is not as it was written$/)]),
  });
});

// What lies there says where entries begin: a search needs it, reading from one end to the other does not.
test.each([61, 65, 69])('a table that can be read but not searched is copied (%d from its end)', async (fromEnd) => {
  await using at = await fixture();
  await at.fill(200, 210);
  const path = await at.file(/\.ldb$/);
  await flip(path, (await readFile(path)).length - fromEnd);
  expect(await at.mend()).toMatchObject({ isIncomplete: true });
  expect(await at.images()).toBe(210);
  await at.finish();
  expect(await at.mend()).toBe('sound');
});

test('a repair that LevelDB dies of costs the records, not the daemon', async () => {
  await using at = await fixture();
  await at.fill(200, 210);
  const path = await at.file(/\.ldb$/);
  // In the index of the table: LevelDB takes a key from it that is none.
  await flip(path, (await readFile(path)).length - 103);
  await unlink(join(at.directory, 'CURRENT'));
  expect(await at.mend()).toMatchObject({
    isIncomplete: true,
    reasons: ['the file CURRENT is missing', expect.stringMatching(/cannot be repaired: .*Assertion.* \(SIGABRT\)$/)],
  });
  expect(await at.images()).toBe(0);
  await at.finish();
  expect(await at.mend()).toBe('sound');
  expect((await readdir(at.root)).sort()).toEqual(['damaged', 'level', 'level.tip']);
});

test('the database of a newer release is refused, not mended', async () => {
  await using at = await fixture();
  {
    await using database = await Database.open(at.directory);
    await database.update((tx) => {
      tx.put(metaTable, ['version'], schemaVersion + 1);
      tx.put(namespaceTable, ['ns'], { labels: {} });
    });
  }
  await expect(at.mend()).rejects.toMatchObject({ kind: 'failed-precondition', message: /used by a newer one/ });
  expect(await readdir(at.root)).not.toContain('damaged');
});
