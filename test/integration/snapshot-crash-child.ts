import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ctx, openSnapshotStack } from './snapshot-stack.ts';

/**
 * Makes, fills, commits and removes snapshots until it is killed. Tells on standard output, one name to a line, what it
 * has committed (`+name`) and is about to remove (`-name`).
 */
const [directory = '', round = ''] = process.argv.slice(2);
const stack = await openSnapshotStack(directory);
const tell = (line: string) => process.stdout.write(`${line}\n`);

async function churn(worker: number): Promise<never> {
  for (let count = 0; ; count += 1) {
    const name = `r${round}-w${worker}-${count}`;
    const [mount] = await stack.snapshots.prepare(ctx, `${name}-key`, '');
    await writeFile(join(mount?.source ?? '', 'file'), name);
    await stack.snapshots.commit(ctx, name, `${name}-key`);
    tell(`+${name}`);
    await stack.snapshots.view(ctx, `${name}-view`, name);
    await stack.snapshots.remove(ctx, `${name}-view`);
    if (count % 2 === 0) continue;
    tell(`-${name}`);
    await stack.snapshots.remove(ctx, name);
  }
}

tell('ready');
await Promise.all([1, 2, 3, 4].map(churn));
