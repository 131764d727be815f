import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { type Course, checkRecovery, type Outcome, recordCourse, runSteps, runUntilCrash, stepAfter } from './crash.ts';
import { Disk } from './disk.ts';
import { isFull, pointsOfStores } from './moments.ts';
import { Storage } from './storage.ts';
import { workload } from './workload.ts';
import type { World } from './world.ts';

test('a power cut takes what is not synced, and nothing else', async () => {
  await using disk = await Disk.create();
  const path = (name: string) => join(disk.path, name);
  writeFileSync(path('unsynced'), 'lost');
  const synced = openSync(path('synced'), 'w');
  writeFileSync(synced, 'kept');
  fsyncSync(synced);
  closeSync(synced);
  writeFileSync(path('after'), 'lost');
  await disk.cutPower();
  expect(() => readFileSync(path('synced'))).toThrow();
  await disk.restorePower();
  expect(readFileSync(path('synced'), 'utf8')).toBe('kept');
  // The name came along with the synced file, for the journal keeps the order; the bytes did not: an empty file.
  expect(readFileSync(path('unsynced'), 'utf8')).toBe('');
  expect(existsSync(path('after'))).toBe(false);
});

describe('after a power cut', () => {
  let disk: Disk;
  let storage: Storage;
  let course: Course;
  const outcomes: Outcome[] = [];

  async function start(): Promise<void> {
    disk = await Disk.create();
    storage = await Storage.start({ onlyDurable: true, root: join(disk.path, 'root') });
  }

  /** What one cut has left in disorder is of no use to the next. */
  async function startOver(): Promise<void> {
    await storage.close();
    await disk.close();
    await start();
  }

  beforeAll(async () => {
    await start();
    course = await recordCourse(storage);
  });

  afterAll(async () => {
    await storage.close();
    await disk.close();
    console.table(outcomes);
  });

  /** The machine starts again: nothing but what is on disk is left. */
  async function startAgain(world: World): Promise<World> {
    await disk.restorePower();
    storage.forgetState();
    return storage.restart(world);
  }

  const steps = workload.map(({ name }, index) => ({ name, acknowledged: index + 1 }));
  test.for(steps)('everything up to "$name" is there', async ({ acknowledged }) => {
    onTestFailed(startOver);
    const world = storage.newWorld();
    await runSteps(world, 0, acknowledged);
    await disk.cutPower();
    await storage.daemon.kill();
    await checkRecovery(storage, await startAgain(world), course, { acknowledged, underWay: false });
  });

  const points = pointsOfStores.filter((name) => isFull || !name.endsWith('.recorded'));
  test.for(points)('that comes at %s the old or the new state is there', async (point) => {
    onTestFailed(startOver);
    const world = storage.newWorld();
    const acknowledged = (await runUntilCrash(storage, world, { point, pass: 1 })) ?? 0;
    await disk.cutPower();
    const progress = { acknowledged, underWay: true };
    const state = await checkRecovery(storage, await startAgain(world), course, progress);
    outcomes.push({ point, pass: 1, step: stepAfter(acknowledged), state });
  });
});
