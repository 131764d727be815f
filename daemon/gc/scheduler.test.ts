import { beforeEach, describe, expect, test } from 'vitest';
import { GantryError } from '../../base/errors.ts';
import { createLogger } from '../../base/logger.ts';
import { Scheduler, type SchedulerSettings } from './scheduler.ts';

/** Time that passes only when told, and then runs what is due. */
class Timers {
  #nowMs = 0;
  #due: { readonly atMs: number; readonly callback: () => void }[] = [];

  now = () => this.#nowMs;

  after = (delayMs: number, callback: () => void) => {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#due.push(timer);
    return () => {
      this.#due = this.#due.filter((each) => each !== timer);
    };
  };

  /** Moves time on in steps, so that what a callback schedules is run as well. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#due.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#due = this.#due.filter((each) => each !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
      await settled();
    }
    this.#nowMs = endMs;
  }

  get pending(): number {
    return this.#due.length;
  }
}

/** All promises that can settle have. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

const defaults: SchedulerSettings = {
  pauseThreshold: 0.02,
  deletionThreshold: 0,
  mutationThreshold: 100,
  scheduleDelayMs: 0,
  startupDelayMs: 100,
};

let timers: Timers;
/** Start times of the collections. */
let started: number[];
let running: PromiseWithResolvers<void>[];
/** Collections end at once, unless a test ends them. */
let isHeld: boolean;

beforeEach(() => {
  timers = new Timers();
  started = [];
  running = [];
  isHeld = false;
});

function schedulerWith(settings: Partial<SchedulerSettings> = {}): Scheduler {
  const collect = async () => {
    const startedAtMs = timers.now();
    started.push(startedAtMs);
    if (isHeld) {
      const run = Promise.withResolvers<void>();
      running.push(run);
      await run.promise;
    }
    return timers.now() - startedAtMs;
  };
  const scheduler = new Scheduler({ collect, timers, logger: createLogger('panic') }, { ...defaults, ...settings });
  scheduler.start();
  return scheduler;
}

const ctx = { signal: new AbortController().signal };

describe('on its own', () => {
  test('the first collection comes after the startup delay, the next only for a reason', async () => {
    await using scheduler = schedulerWith();
    await timers.pass(99);
    expect(started).toEqual([]);
    await timers.pass(10_000);
    expect(started).toEqual([100]);
    expect(timers.pending).toBe(0);
    scheduler.mutated({ deletes: false });
    expect(timers.pending).toBe(0);
  });

  test('without a startup delay the first one waits for a deletion or enough changes', async () => {
    await using scheduler = schedulerWith({ startupDelayMs: 0, scheduleDelayMs: 7 });
    await timers.pass(1_000);
    for (let change = 0; change < 99; change += 1) scheduler.mutated({ deletes: false });
    await timers.pass(1_000);
    expect(started).toEqual([]);
    scheduler.mutated({ deletes: false });
    await timers.pass(1_000);
    expect(started).toEqual([2_007]);
  });

  test('a deletion is collected within the interval that keeps collections to their share', async () => {
    await using scheduler = schedulerWith();
    await timers.pass(100);
    scheduler.mutated({ deletes: true });
    // Five milliseconds, the least that counts, are 2 % of 250.
    await timers.pass(244);
    expect(started).toEqual([100]);
    await timers.pass(1);
    expect(started).toEqual([100, 345]);
  });

  test('the interval follows the average time of collections', async () => {
    await using scheduler = schedulerWith({ pauseThreshold: 0.1 });
    isHeld = true;
    await timers.pass(100);
    await timers.pass(300);
    running[0]?.resolve();
    await settled();
    scheduler.mutated({ deletes: true });
    await timers.pass(2_699);
    expect(started).toEqual([100]);
    await timers.pass(1);
    expect(started).toEqual([100, 3_100]);
    running[1]?.resolve();
  });

  test('a pause threshold above one half counts as one half, one of 0 means one a second', async () => {
    for (const [pauseThreshold, intervalMs] of [
      [0.9, 5],
      [0, 1_000],
    ] as const) {
      await using scheduler = schedulerWith({ pauseThreshold });
      await timers.pass(100);
      const firstAtMs = started.at(-1) as number;
      scheduler.mutated({ deletes: true });
      await timers.pass(5_000);
      expect(started.at(-1)).toBe(firstAtMs + intervalMs);
    }
  });

  test('enough changes are collected without a deletion, also if they came slowly', async () => {
    await using scheduler = schedulerWith({ mutationThreshold: 3 });
    await timers.pass(5_000);
    for (let change = 0; change < 2; change += 1) scheduler.mutated({ deletes: false });
    await timers.pass(5_000);
    expect(started).toEqual([100]);
    scheduler.mutated({ deletes: false });
    await timers.pass(5_000);
    expect(started).toEqual([100, 10_245]);
  });

  test('a deletion threshold brings a collection forward', async () => {
    await using scheduler = schedulerWith({ deletionThreshold: 2, scheduleDelayMs: 10 });
    await timers.pass(100);
    scheduler.mutated({ deletes: true });
    await timers.pass(50);
    expect(started).toEqual([100]);
    scheduler.mutated({ deletes: true });
    await timers.pass(10);
    expect(started).toEqual([100, 160]);
  });

  test('what happens during a collection counts for the next one', async () => {
    await using scheduler = schedulerWith();
    isHeld = true;
    await timers.pass(100);
    scheduler.mutated({ deletes: true });
    running[0]?.resolve();
    await settled();
    await timers.pass(245);
    expect(started).toEqual([100, 345]);
    running[1]?.resolve();
  });

  test('a failed collection is tried again a second later than its interval', async () => {
    await using _ = schedulerWith();
    isHeld = true;
    await timers.pass(100);
    running[0]?.reject(new Error('disk'));
    await settled();
    await timers.pass(1_999);
    expect(started).toEqual([100]);
    await timers.pass(1);
    expect(started).toEqual([100, 2_100]);
    running[1]?.resolve();
  });
});

describe('asked to collect', () => {
  test('it does so at once, or after the schedule delay', async () => {
    await using scheduler = schedulerWith();
    const asked = scheduler.collect(ctx);
    await timers.pass(0);
    await asked;
    expect(started).toEqual([0]);
    await using slow = schedulerWith({ scheduleDelayMs: 30 });
    const later = slow.collect(ctx);
    await timers.pass(30);
    await later;
    expect(started).toEqual([0, 30]);
  });

  test('callers share a collection that has not begun, and do not take one that has', async () => {
    await using scheduler = schedulerWith();
    isHeld = true;
    const done: string[] = [];
    const ask = (name: string) => scheduler.collect(ctx).then(() => done.push(name));
    const asked = [ask('a'), ask('b')];
    await timers.pass(0);
    asked.push(ask('c'));
    await settled();
    expect({ started, done }).toEqual({ started: [0], done: [] });
    running[0]?.resolve();
    await settled();
    expect(done).toEqual(['a', 'b']);
    await timers.pass(0);
    expect(started.length).toBe(2);
    running[1]?.resolve();
    await Promise.all(asked);
    expect(done).toEqual(['a', 'b', 'c']);
  });

  test('a failure is told to those who wait', async () => {
    await using scheduler = schedulerWith();
    isHeld = true;
    const asked = scheduler.collect(ctx);
    await timers.pass(0);
    running[0]?.reject(new GantryError('resource-exhausted', 'no space'));
    await expect(asked).rejects.toMatchObject({ kind: 'unavailable', message: 'gc failed: no space' });
  });

  test('whoever gives up leaves the collection to the others', async () => {
    await using scheduler = schedulerWith();
    isHeld = true;
    const caller = new AbortController();
    const given = scheduler.collect(caller);
    const kept = scheduler.collect(ctx);
    await timers.pass(0);
    caller.abort(new Error('gone'));
    await expect(given).rejects.toThrow('gone');
    running[0]?.resolve();
    await kept;
  });
});

describe('closing', () => {
  test('waits for the collection under way, fails those who wait, and starts no more', async () => {
    const signals: AbortSignal[] = [];
    const end = Promise.withResolvers<number>();
    const collect = (signal: AbortSignal) => {
      signals.push(signal);
      return end.promise;
    };
    const scheduler = new Scheduler({ collect, timers, logger: createLogger('panic') }, defaults);
    const first = scheduler.collect(ctx);
    await timers.pass(0);
    const second = scheduler.collect(ctx);
    let isClosed = false;
    const closing = scheduler.close().then(() => {
      isClosed = true;
    });
    await settled();
    expect([isClosed, signals[0]?.aborted]).toEqual([false, true]);
    end.resolve(1);
    await closing;
    await first;
    await expect(second).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(scheduler.collect(ctx)).rejects.toMatchObject({ kind: 'unavailable' });
    scheduler.mutated({ deletes: true });
    await timers.pass(10_000);
    expect([signals.length, timers.pending]).toEqual([1, 0]);
  });
});
