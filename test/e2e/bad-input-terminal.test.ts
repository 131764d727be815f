import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createContainer, removeContainer, startTask } from '../../client/index.ts';
import { Sink } from '../faults/sink.ts';
import { bothDaemons } from '../helpers/both.ts';
import { eventually } from '../helpers/eventually.ts';
import { image } from '../helpers/side.ts';

const { scenario } = bothDaemons({ image: true });

type Size = readonly [columns: number, rows: number];

/** Those that busybox does not believe, so that it prints its own guess. */
const unseen: readonly Size[] = [
  [0, 0],
  [1_000_000_000, 1_000_000_000],
  [4_294_967_295, 4_294_967_295],
];
const seen: readonly Size[] = [
  [65_566, 65_576],
  [1_000_014_000, 1_000_015_000],
  [81, 25],
];

/** What the kernel keeps of a size. */
const kept = (size: number) => size % 65_536;

scenario('sizes that no terminal has', async (side) => {
  const { client } = side;
  const fifo = join(side.daemon.folder, 'terminal');
  execFileSync('mkfifo', [fifo]);
  using sink = new Sink(fifo);
  const args = ['sh', '-c', 'while :; do stty size; sleep 0.1; done'];
  const container = await createContainer(client, { id: 'sizes', image, args, terminal: true });
  const paths = { stdin: '', stdout: fifo, stderr: '', terminal: true };
  const task = await startTask(client, container, { paths });
  for (const [columns, rows] of unseen) await task.resize({ columns, rows });
  for (const [columns, rows] of seen) {
    await task.resize({ columns, rows });
    await eventually(() => expect(sink.lines.at(-1)).toBe(`${kept(rows)} ${kept(columns)}\r`));
  }
  const status = await task.status();
  await removeContainer(client, 'sizes', { force: true });
  return status;
});
