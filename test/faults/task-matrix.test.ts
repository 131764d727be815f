import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { isFull } from './moments.ts';
import type { Sink } from './sink.ts';
import { type TaskFault, taskFaults } from './task-moments.ts';
import { TaskWorkload } from './task-workload.ts';
import { TaskWorld } from './task-world.ts';

const killedStatus = 137;

const disposalMs = 15_000;

interface Row {
  readonly fault: string;
  readonly interrupted: string;
  readonly restarted: boolean;
  readonly status: number | string;
  readonly exits: number;
  readonly lines: number;
}

let world: TaskWorld;
const rows: Row[] = [];

beforeAll(async () => {
  world = await TaskWorld.start();
});

afterAll(async () => {
  console.table(rows);
  await world[Symbol.asyncDispose]();
});

/** Nothing that was said is missing, and nothing is twice. */
async function expectWholeOutput(sink: Sink, losesOutput: boolean): Promise<number> {
  return eventually(() => {
    const { said, ended } = world.truth();
    const lines = [...sink.lines];
    if (losesOutput && lines.at(-1) !== 'bye') return lines.length;
    if (ended !== undefined) expect(lines.pop(), 'the last word').toBe('bye');
    expect(lines).toEqual(lines.map((_, index) => String(index + 1)));
    expect(lines.length, 'lines').toBeGreaterThanOrEqual(said);
    return lines.length;
  });
}

async function tryFault({ name, triggers, losesOutput }: TaskFault): Promise<void> {
  const { id, sink } = await world.newContainer();
  const workload = new TaskWorkload(world, id, sink);
  for (const trigger of triggers) await world.arm(trigger);
  await workload.run();
  if (triggers.some(({ kills }) => kills === 'daemon')) await world.side.daemon.ended();
  // What follows from the first may come after the last step.
  await eventually(() => {
    for (const trigger of triggers) expect(world.hasGoneOff(trigger), `${trigger.point} was passed`).toBe(true);
  }).finally(() => world.disarm());
  const restarted = await world.revive();
  const wasThere = await workload.finish();
  const { acknowledged, failure, status } = workload;
  // A task that the client was told of can only be gone if it was being deleted.
  if (!wasThere && acknowledged.includes('create')) expect(acknowledged).toContain('stop');
  const { ended = killedStatus } = world.truth();
  if (status !== undefined) expect(status, 'exit status').toBe(ended);
  const lines = await expectWholeOutput(sink, losesOutput);
  const wasTask = acknowledged.includes('create') || wasThere;
  if (wasTask) await eventually(() => expect(world.exitsOf(id), 'exit events').toBe(1));
  expect(await world.remove(id, sink)).toEqual([]);
  const exits = world.exitsOf(id);
  expect(exits, 'exit events').toBe(wasTask ? 1 : Math.min(exits, 1));
  rows.push({ fault: name, interrupted: failure?.step ?? '-', restarted, status: status ?? '-', exits, lines });
}

/** A world that one fault has left in disorder is of no use to the next. */
async function startOver(): Promise<void> {
  await Promise.race([
    world[Symbol.asyncDispose]().catch(() => undefined),
    sleep(disposalMs, undefined, { ref: false }),
  ]);
  world = await TaskWorld.start();
}

const only = process.env['GANTRY_FAULT'];

test.for(taskFaults.filter(({ isShort, name }) => (only === undefined ? isFull || isShort : name.includes(only))))(
  '$name',
  async (fault) => {
    onTestFailed(startOver);
    await tryFault(fault);
  },
);
