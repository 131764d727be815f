import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Database } from '../../daemon/metadata/database.ts';
import { jsonTable } from '../../daemon/metadata/table.ts';
import { sys } from '../../native/sys.ts';
import { shortTempFolder } from '../helpers/paths.ts';

const notes = jsonTable<string>('notes');

test('on a full disk updates fail, reads go on, and work resumes with space, nothing lost and nothing back', async () => {
  const folder = shortTempFolder();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  await sys.mount({ type: 'tmpfs', source: 'tmpfs', target: disk, options: ['size=40m'] });
  stack.defer(() => sys.unmountAll(disk));

  const database = await Database.open(join(disk, 'db'));
  const stored = new Set<string>();
  const failures: unknown[] = [];
  const put = async (name: string) => {
    try {
      await database.update((tx) => tx.put(notes, [name], name.repeat(20_000)));
      stored.add(name);
    } catch (error) {
      failures.push(error);
    }
  };
  const names = async (from: Database) => {
    const found = new Set<string>();
    for await (const { key } of from.list(notes, [])) found.add(key[0] as string);
    return found;
  };

  for (let index = 0; index < 20; index++) await put(`before${index}`);
  expect(() => writeFileSync(join(disk, 'ballast'), Buffer.alloc(64 * 1024 * 1024))).toThrow('ENOSPC');
  for (let index = 0; index < 20; index++) await Promise.all([put(`during${index}`), put(`also${index}`)]);
  expect(failures.length).toBeGreaterThan(0);
  for (const failure of failures) expect(failure).toMatchObject({ kind: 'resource-exhausted' });
  expect(await names(database)).toEqual(stored);

  rmSync(join(disk, 'ballast'));
  failures.length = 0;
  for (let index = 0; index < 20; index++) await put(`after${index}`);
  expect(failures).toEqual([]);
  expect(await names(database)).toEqual(stored);
  await database.close();

  await using reopened = await Database.open(join(disk, 'db'));
  expect(await names(reopened)).toEqual(stored);
  await reopened.close();
});
