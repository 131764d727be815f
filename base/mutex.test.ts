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

test('a keyed mutex holds many keys at once, in the order in which they were asked for', async () => {
  const mutex = new KeyedMutex();
  const log: string[] = [];
  const task = (name: string) => async () => {
    log.push(`${name} begins`);
    await new Promise(setImmediate);
    log.push(`${name} ends`);
  };
  await Promise.all([
    mutex.runAll(['x', 'y'], task('both')),
    mutex.runAll(['y', 'x', 'y'], task('crosswise')),
    mutex.run('x', task('one')),
    mutex.runAll([], task('none')),
  ]);
  expect(log.filter((line) => !line.startsWith('none'))).toEqual(
    ['both', 'crosswise', 'one'].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
  await new Promise(setImmediate);
  expect(mutex.size).toBe(0);
});
