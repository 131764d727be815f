import { image, type Side } from '../helpers/side.ts';
import { listTasks } from '../helpers/tasks.ts';
import { median, type Pair, type Sides } from './measure.ts';
import type { Row } from './report.ts';

const containers = 200;
const atOnce = 4;
const rounds = 3;

/** Milliseconds from the start of a killed daemon until it has told of all its tasks. */
async function readyMs(side: Side): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await side.daemon.kill();
    const startedAtMs = performance.now();
    await side.daemon.start();
    const { size } = await listTasks(side);
    times.push(performance.now() - startedAtMs);
    if (size !== containers) throw new Error(`${side.kind} has found ${size} of ${containers} tasks`);
  }
  return median(times);
}

async function measure(side: Side): Promise<number> {
  const ids = Array.from({ length: containers }, (_, index) => `many-${index}`);
  const each = async (body: (id: string) => Promise<unknown>) => {
    const queue = [...ids];
    const worker = async () => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) await body(id);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  };
  await each((id) => side.ctr.ok('run', '-d', '--null-io', image, id, 'sleep', '10000'));
  try {
    return await readyMs(side);
  } finally {
    await each((id) => side.remove(id));
  }
}

/** Restarts with many running containers. */
export async function restart({ ours, peer }: Sides): Promise<Row[]> {
  const pair: Pair = { ours: await measure(ours), peer: await measure(peer) };
  return [{ what: `daemon ready with ${containers} running containers`, unit: 'ms', budget: { most: 2_000 }, ...pair }];
}
