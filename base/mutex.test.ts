import { expect, test } from 'vitest';
import { KeyedMutex, Mutex } from './mutex.ts';

test('a mutex runs tasks one at a time, in order, also after a failure', async () => {
  const mutex = new Mutex();
  const log: string[] = [];
  const task = (name: string) => async () => {
    log.push(`${name} begins`);
    await new Promise(setImmediate);
    log.push(`${name} ends`);
    if (name === 'a') throw new Error('a fails');
  };
  const [a, b] = await Promise.allSettled([mutex.run(task('a')), mutex.run(task('b'))]);
  expect([a.status, b.status]).toEqual(['rejected', 'fulfilled']);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a keyed mutex lets other keys through and forgets idle ones', async () => {
  const mutex = new KeyedMutex();
  let release = () => {};
  const held = mutex.run(
    'x',
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
  );
  expect(await mutex.run('y', async () => 'through')).toBe('through');
  release();
  await held;
  await new Promise(setImmediate);
  expect(mutex.size).toBe(0);
});
