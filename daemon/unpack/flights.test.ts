import { expect, test } from 'vitest';
import { Flights } from './flights.ts';

/** Work that ends when told to, or when it is aborted. */
function work() {
  const state = { starts: 0, aborted: false };
  const gate = Promise.withResolvers<void>();
  const start = async (signal: AbortSignal) => {
    state.starts += 1;
    signal.addEventListener('abort', () => {
      state.aborted = true;
      gate.reject(signal.reason);
    });
    await gate.promise;
  };
  return { state, start, finish: gate.resolve, fail: gate.reject };
}

const nothing = async () => undefined;
const never = new AbortController().signal;

test('equal work asked for twice is done once, and both have their say at the end', async () => {
  const flights = new Flights();
  const { state, start, finish } = work();
  const said: string[] = [];
  const arrive = (name: string) => async () => void said.push(name);
  const first = flights.join('k', { signal: never, start, arrive: arrive('first') });
  const second = flights.join('k', { signal: never, start, arrive: arrive('second') });
  const other = flights.join('other', { signal: never, start: nothing, arrive: arrive('other') });
  await other.arrived;
  expect(second.left).toBeUndefined();
  finish();
  await Promise.all([first.arrived, second.arrived, first.left]);
  expect(said).toEqual(['other', 'first', 'second']);
  expect(state.starts).toBe(1);
  const again = flights.join('k', { signal: never, start, arrive: nothing });
  await again.arrived;
  expect(state).toEqual({ starts: 2, aborted: false });
});

test('one that gives up does not disturb the others, not even the one that started', async () => {
  const flights = new Flights();
  const { state, start, finish } = work();
  const stop = new AbortController();
  const first = flights.join('k', { signal: stop.signal, start, arrive: nothing });
  const second = flights.join('k', { signal: never, start, arrive: nothing });
  let isLeft = false;
  first.left?.then(() => {
    isLeft = true;
  });
  stop.abort(new Error('given up'));
  await expect(first.arrived).rejects.toThrow('given up');
  expect(state.aborted).toBe(false);
  expect(isLeft).toBe(false);
  finish();
  await second.arrived;
  await first.left;
});

test('the last one that gives up stops the work and waits for that; who comes then starts anew', async () => {
  const flights = new Flights();
  const old = work();
  const stop = new AbortController();
  const { arrived, left } = flights.join('k', { signal: stop.signal, start: old.start, arrive: nothing });
  stop.abort(new Error('given up'));
  await expect(arrived).rejects.toThrow('given up');
  expect(old.state.aborted).toBe(true);
  await left;
  const fresh = work();
  fresh.finish();
  await flights.join('k', { signal: never, start: fresh.start, arrive: nothing }).arrived;
  expect(fresh.state).toEqual({ starts: 1, aborted: false });
});

test('a failure is everybody\u2019s, and is not remembered', async () => {
  const flights = new Flights();
  const { start, fail } = work();
  const first = flights.join('k', { signal: never, start, arrive: nothing });
  const second = flights.join('k', { signal: never, start, arrive: nothing });
  fail(new Error('no luck'));
  await expect(first.arrived).rejects.toThrow('no luck');
  await expect(second.arrived).rejects.toThrow('no luck');
  await first.left;
  await flights.join('k', { signal: never, start: nothing, arrive: nothing }).arrived;
});
