import { expect, test } from 'vitest';
import { Limiter } from './limiter.ts';

test('no more tasks run at once than allowed, first come first served', async () => {
  const limiter = new Limiter(2);
  const started: number[] = [];
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const results = gates.map(({ promise }, n) =>
    limiter.run(() => {
      started.push(n);
      return promise;
    }),
  );
  await Promise.resolve();
  expect(started).toEqual([0, 1]);
  gates[1]?.resolve(1);
  expect(await results[1]).toBe(1);
  await expect.poll(() => started).toEqual([0, 1, 2]);
  gates[0]?.reject(new Error('no luck'));
  await expect(results[0]).rejects.toThrow('no luck');
  await expect.poll(() => started).toEqual([0, 1, 2, 3]);
  for (const n of [2, 3, 4]) gates[n]?.resolve(n);
  expect(await Promise.all(results.slice(2))).toEqual([2, 3, 4]);
});

test('who gives up while waiting never starts and takes no turn', async () => {
  const limiter = new Limiter(1);
  const gate = Promise.withResolvers<void>();
  const first = limiter.run(() => gate.promise);
  const stop = new AbortController();
  const second = limiter.run(async () => 'second', { signal: stop.signal });
  const third = limiter.run(async () => 'third');
  stop.abort(new Error('given up'));
  await expect(second).rejects.toThrow('given up');
  gate.resolve();
  await first;
  expect(await third).toBe('third');
  expect(await limiter.run(async () => 'free again')).toBe('free again');
  await expect(limiter.run(async () => 1, { signal: stop.signal })).rejects.toThrow('given up');
});
