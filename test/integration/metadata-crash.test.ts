import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { Database } from '../../daemon/metadata/database.ts';
import { containerTable } from '../../daemon/metadata/schema.ts';
import { shortTempFolder } from '../helpers/paths.ts';

/** Runs a writer until it has acknowledged some containers, kills it, and returns all it acknowledged. */
async function writeUntilKilled(directory: string, prefix: string, acknowledgements: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'metadata-crash-child.ts'), directory, prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === acknowledgements) child.kill('SIGKILL');
  }
  await ended;
  return acknowledged;
}

test('nothing acknowledged is lost to SIGKILL, again and again', async () => {
  const folder = shortTempFolder();
  using stack = new DisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const directory = join(folder, 'db');
  const expected = new Set<string>();
  for (let life = 0; life < 5; life++) {
    for (const id of await writeUntilKilled(directory, `life${life}`, 50 + 170 * life)) expected.add(id);
    await using database = await Database.open(directory);
    const found = new Set<string>();
    for await (const { value } of database.list(containerTable, ['default'])) found.add(value.id);
    expect([...expected].filter((id) => !found.has(id))).toEqual([]);
    // At most what the four workers had under way was stored without anyone having been told.
    expect(found.size - expected.size).toBeLessThanOrEqual(4 * (life + 1));
  }
});
