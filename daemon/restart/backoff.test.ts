import { expect, test } from 'vitest';
import { Backoff } from './backoff.ts';

/** When a task that ends at once is started, looking at it every interval. */
function startsOf(backoff: Backoff, untilMs: number): number[] {
  const starts: number[] = [];
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 10) {
    if (!backoff.allows('a', nowMs, starts.at(-1) ?? 0)) continue;
    backoff.started('a', nowMs);
    starts.push(nowMs);
  }
  return starts;
}

test('a task that keeps ending is started less and less often', () => {
  const starts = startsOf(new Backoff({ intervalMs: 10 }), 200);
  expect(starts).toEqual([0, 10, 30, 70, 150]);
});

test('but never waits longer than five minutes', () => {
  const starts = startsOf(new Backoff({ intervalMs: 10 }), 3_000_000);
  expect((starts.at(-1) ?? 0) - (starts.at(-2) ?? 0)).toBe(300_000);
});

test('one that ran for a while begins anew, and so does one that was forgotten', () => {
  const backoff = new Backoff({ intervalMs: 10 });
  startsOf(backoff, 200);
  expect(backoff.allows('a', 260, 250)).toBe(true);
  startsOf(backoff, 200);
  expect(backoff.allows('a', 151, 151)).toBe(false);
  backoff.keep(new Set());
  expect(backoff.allows('a', 151, 151)).toBe(true);
});
