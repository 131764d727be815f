import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import type { Database } from '../../daemon/metadata/database.ts';
import { snapshotTable } from '../../daemon/metadata/schema.ts';
import type { SnapshotInfo } from '../../snapshotter/snapshotter.ts';
import { ctx, openSnapshotStack } from './snapshot-stack.ts';

const rounds = 8;

/** Runs the child and kills it once it has told so many lines. */
async function killAfter(
  directory: string,
  round: number,
  lines: number,
): Promise<{ added: Set<string>; touched: Set<string> }> {
  const script = join(import.meta.dirname, 'snapshot-crash-child.ts');
  const child = spawn(process.execPath, [script, directory, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const added = new Set<string>();
  const touched = new Set<string>();
  let told = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('+')) added.add(line.slice(1));
    if (line.startsWith('-')) touched.add(line.slice(1));
    told += 1;
    if (told === lines) child.kill('SIGKILL');
  }
  const [, signal] = await closed;
  expect(signal).toBe('SIGKILL');
  return { added, touched };
}

async function all(infos: AsyncIterable<SnapshotInfo>): Promise<SnapshotInfo[]> {
  const found: SnapshotInfo[] = [];
  for await (const info of infos) found.push(info);
  return found;
}

/** Also those that a walk passes over because the snapshotter does not know them. */
async function storedNames(database: Database): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const { key } of database.list(snapshotTable, [])) names.add(key.at(-1) ?? '');
  return names;
}

test('a daemon killed at any moment loses no committed snapshot and leaks nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'gc-'));
  try {
    const kept = new Set<string>();
    for (let round = 0; round < rounds; round += 1) {
      const { added, touched } = await killAfter(directory, round, 3 + round * 7);
      for (const name of added) if (!touched.has(name)) kept.add(name);
      await using stack = await openSnapshotStack(directory);
      await stack.snapshots.recover();
      await stack.snapshots.cleanup();
      const infos = await all(stack.snapshots.walk(ctx));
      const names = new Set(infos.map(({ name }) => name));
      for (const name of kept) expect(names).toContain(name);
      expect(await storedNames(stack.database)).toEqual(names);
      const backend = await all(stack.backend.walk());
      expect(backend).toHaveLength(infos.length);
      expect(await readdir(stack.layers)).toHaveLength(backend.length);
      for (const { name, kind } of infos) {
        if (kind !== 'committed') continue;
        const [mount] = await stack.snapshots.view(ctx, 'check', name);
        expect(await readFile(join(mount?.source ?? '', 'file'), 'utf8')).toBe(name);
        await stack.snapshots.remove(ctx, 'check');
      }
    }
    expect(kept.size).toBeGreaterThan(rounds);
  } finally {
    await rm(directory, { recursive: true });
  }
});
