import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Database } from './database.ts';
import { NumberBlocks, nextInSequence, raiseSequence } from './sequences.ts';

async function directory(): Promise<string> {
  const path = await mkdtemp('/tmp/gt-');
  onTestFinished(() => rm(path, { recursive: true }));
  return join(path, 'db');
}

test('numbers are given once, also to many at a time and after a restart', async () => {
  const where = await directory();
  const given: number[] = [];
  for (let life = 0; life < 3; life++) {
    const database = await Database.open(where);
    const numbers = new NumberBlocks(database);
    given.push(...(await Promise.all(Array.from({ length: 250 }, () => numbers.next('a')))));
    given.push(await database.update((tx) => nextInSequence(tx, 'a')));
    await database.close();
  }
  expect(new Set(given).size).toBe(given.length);
  expect(Math.min(...given)).toBe(1);
});

test('sequences do not know of each other, and skip what is in use', async () => {
  await using database = await Database.open(await directory());
  const numbers = new NumberBlocks(database);
  await database.update((tx) => raiseSequence(tx, 'b', 7));
  expect(await Promise.all([numbers.next('a'), numbers.next('b'), numbers.next('a')])).toEqual([1, 8, 2]);
});
