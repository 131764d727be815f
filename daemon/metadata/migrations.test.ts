import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Database } from './database.ts';
import { type Migration, migrate } from './migrations.ts';
import { metaTable, schemaVersion } from './schema.ts';
import { jsonTable } from './table.ts';

const notes = jsonTable<string>('notes');

let directory: string;
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'gantry-db-')), 'level');
});
afterEach(() => rm(dirname(directory), { recursive: true, force: true }));

test('a new database gets the present version', async () => {
  await using database = await Database.open(directory);
  expect(await database.get(metaTable, ['version'])).toBe(schemaVersion);
});

test('a database of a newer release is left alone', async () => {
  {
    await using database = await Database.open(directory);
    await database.update((tx) => tx.put(metaTable, ['version'], schemaVersion + 1));
  }
  await expect(Database.open(directory)).rejects.toMatchObject({
    kind: 'failed-precondition',
    message: expect.stringContaining('newer'),
  });
});

test('steps run in order from the stored version, each with its new version in one transaction', async () => {
  await using database = await Database.open(directory);
  const ran: number[] = [];
  const step = (from: number): Migration => ({
    from,
    run: async (tx) => {
      if (from === 3 && !ran.includes(3)) {
        ran.push(3);
        tx.put(notes, ['3'], 'half done');
        throw new Error('crash');
      }
      ran.push(from);
      tx.put(notes, [String(from)], 'done');
    },
  });
  const steps = [step(0), step(1), step(2), step(3)];
  await expect(migrate(database, steps, 4)).rejects.toThrow('crash');
  expect(await database.get(metaTable, ['version'])).toBe(3);
  expect(await database.get(notes, ['3'])).toBeUndefined();
  await migrate(database, steps, 4);
  expect(ran).toEqual([1, 2, 3, 3]);
  expect(await database.get(metaTable, ['version'])).toBe(4);
});
