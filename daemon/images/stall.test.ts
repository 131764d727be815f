import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StallWatch } from './stall.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

function watch() {
  const errors: string[] = [];
  const watched = new StallWatch({ intervalMs: 30_000, minBytes: 4_096 }, ({ message }) => errors.push(message));
  return { watched, errors };
}

test('a byte a minute is a stall', () => {
  const { watched, errors } = watch();
  watched.received(1);
  vi.advanceTimersByTime(29_999);
  expect(errors).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(errors).toEqual(['stalled: 1 bytes in 30 s']);
});

test('enough bytes in each interval are none', () => {
  const { watched, errors } = watch();
  for (let minute = 0; minute < 60; minute++) {
    watched.received(4_096);
    vi.advanceTimersByTime(30_000);
  }
  expect(errors).toEqual([]);
  vi.advanceTimersByTime(30_000);
  expect(errors).toHaveLength(1);
});

test('time in which nobody waits does not count', () => {
  const { watched, errors } = watch();
  watched.pause();
  vi.advanceTimersByTime(300_000);
  watched.resume();
  vi.advanceTimersByTime(29_999);
  expect(errors).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(errors).toHaveLength(1);
});

test('after it is disposed of nothing is given up', () => {
  const { watched, errors } = watch();
  watched[Symbol.dispose]();
  vi.advanceTimersByTime(100_000);
  expect(errors).toEqual([]);
});
