import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { isKind } from '../../base/errors.ts';
import type { FailpointName } from '../../base/failpoint.ts';
import { eventually } from '../helpers/eventually.ts';
import type { Sight } from './observe.ts';
import type { Storage } from './storage.ts';
import { emptyWorld, workload } from './workload.ts';
import type { World } from './world.ts';

/** A daemon whose connection broke is dead by then. */
const crashDeadlineMs = 5_000;
/** How long what goes on behind the last reply may take. */
const backgroundMs = 2_000;

/** The state of a world before the workload, and after each of its steps, when nothing fails. */
export type Course = readonly Sight[];

/** A failpoint and which time it is passed in the course of the workload, from 1. */
export interface Moment {
  readonly point: FailpointName;
  readonly pass: number;
}

/** What a crash did, for the table. */
export interface Outcome extends Moment {
  readonly step: string;
  readonly state: 'old' | 'new';
}

/** Runs the workload once without a fault, looking after each step. */
export async function recordCourse(storage: Storage): Promise<Course> {
  const world = storage.newWorld();
  const course: Sight[] = [await storage.observe(world)];
  for (const { run } of workload) {
    await run(world);
    course.push(await storage.observe(world));
  }
  await emptyWorld(world);
  return course;
}

/** Runs the workload from one step to before another. */
export async function runSteps(world: World, from: number, to?: number): Promise<void> {
  for (const { run } of workload.slice(from, to)) await run(world);
}

/** How often the workload passes each failpoint. */
export async function countPasses(storage: Storage): Promise<ReadonlyMap<string, number>> {
  const world = storage.newWorld();
  const before = await storage.passes();
  await runSteps(world, 0);
  const after = await eventually(async () => {
    const passes = await storage.passes();
    // The last directory is deleted in the background.
    expect(passes.get('snapshot.remove.deleted')).toBeGreaterThan(before.get('snapshot.remove.deleted') ?? 0);
    return passes;
  });
  await emptyWorld(world);
  return new Map([...after].map(([name, passes]) => [name, passes - (before.get(name) ?? 0)]));
}

/**
 * Runs the workload until the daemon kills itself at that moment; returns how many steps were acknowledged. Undefined if
 * the workload came to its end before a later pass, as it may where work in the background has
 * its part in the number of passes.
 */
export async function runUntilCrash(
  storage: Storage,
  world: World,
  { point, pass }: Moment,
): Promise<number | undefined> {
  await storage.setFailpoint(point, pass === 1 ? 'crash' : `${pass - 1}*off->crash`);
  let acknowledged = 0;
  try {
    for (const { run } of workload) {
      await run(world);
      acknowledged += 1;
    }
  } catch (error) {
    // Any other failure is one of the step.
    if (!isKind(error, 'unavailable')) throw error;
  }
  const deadlineMs = acknowledged === workload.length ? backgroundMs : crashDeadlineMs;
  const ending = await Promise.race([storage.daemon.ended(), sleep(deadlineMs, undefined, { ref: false })]);
  if (ending === undefined && pass > 1 && acknowledged === workload.length) return undefined;
  expect(ending, `end of the daemon at ${point}`).toEqual({ how: 'signal', value: 9 });
  return acknowledged;
}

/**
 * Looks at what a restart finds after so many acknowledged steps: the state after the last of them, or, if a further step
 * was under way, that after it, and nothing else that is not as it should be. Then goes on from there to the end.
 */
export async function checkRecovery(
  storage: Storage,
  world: World,
  course: Course,
  { acknowledged, underWay }: { acknowledged: number; underWay: boolean },
): Promise<Outcome['state']> {
  await storage.collectGarbage();
  const found = await storage.observe(world);
  // A step that changes nothing that can be seen has to be done again, unless it was acknowledged.
  const isNew = underWay && !sameSight(found, course[acknowledged]) && sameSight(found, course[acknowledged + 1]);
  if (!isNew) expect(found, `after ${acknowledged} steps`).toEqual(course[acknowledged]);
  expect(await storage.findings()).toEqual([]);
  await runSteps(world, isNew ? acknowledged + 1 : acknowledged);
  expect(await storage.observe(world), 'at the end of the workload').toEqual(course.at(-1));
  await emptyWorld(world);
  return isNew ? 'new' : 'old';
}

/** The step that was under way after so many acknowledged ones. */
export function stepAfter(acknowledged: number): string {
  return workload[acknowledged]?.name ?? 'in the background';
}

function sameSight(a: Sight, b: Sight | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
