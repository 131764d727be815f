import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import {
  type Course,
  checkRecovery,
  countPasses,
  type Outcome,
  recordCourse,
  runUntilCrash,
  stepAfter,
} from './crash.ts';
import { momentsOf, pointsOfStores } from './moments.ts';
import { Storage } from './storage.ts';
import { emptyWorld } from './workload.ts';

let storage: Storage;
let course: Course;
let passes: ReadonlyMap<string, number>;
const outcomes: Outcome[] = [];

/** A daemon that one point has left in disorder is of no use to the next. */
async function startOver(): Promise<void> {
  await storage.close();
  storage = await Storage.start({ onlyDurable: false });
}

beforeAll(async () => {
  storage = await Storage.start({ onlyDurable: false });
  passes = await countPasses(storage);
  course = await recordCourse(storage);
});

afterAll(async () => {
  await storage.close();
  console.table(outcomes);
});

test('nothing is amiss before the first crash', async () => {
  await storage.collectGarbage();
  expect(await storage.findings()).toEqual([]);
});

test.for(pointsOfStores)('the daemon killed at %s loses nothing', async (point) => {
  onTestFailed(startOver);
  const moments = momentsOf(point, passes.get(point) ?? 0);
  expect(moments, 'moments at which the workload passes it').not.toEqual([]);
  for (const moment of moments) {
    const world = storage.newWorld();
    const acknowledged = await runUntilCrash(storage, world, moment);
    if (acknowledged === undefined) {
      await storage.setFailpoint(point, 'off');
      await emptyWorld(world);
      continue;
    }
    const progress = { acknowledged, underWay: true };
    const state = await checkRecovery(storage, await storage.restart(world), course, progress);
    outcomes.push({ ...moment, step: stepAfter(acknowledged), state });
  }
});

test('nothing is amiss after the last crash', async () => {
  await storage.collectGarbage();
  expect(await storage.findings()).toEqual([]);
});
