import type { Dispatcher } from 'undici';
import { expect, test } from 'vitest';
import { AnswerBody, readBody } from './body.ts';

/** A body whose socket is played by the test. */
function playedBody() {
  const calls: string[] = [];
  const controller = {
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
    abort: () => calls.push('abort'),
  } as unknown as Dispatcher.DispatchController;
  return { body: new AnswerBody(controller), calls };
}

const chunkBytes = 64 * 1024;

test('chunks are read in order, those that wait and those that are waited for', async () => {
  const { body } = playedBody();
  body.push(Buffer.from('a'));
  body.push(Buffer.from('b'));
  const read = Array.fromAsync(body, String);
  await new Promise(setImmediate);
  body.push(Buffer.from('c'));
  body.settle();
  expect(await read).toEqual(['a', 'b', 'c']);
});

test('the socket is paused while too much waits, and goes on when it is read', async () => {
  const { body, calls } = playedBody();
  for (let count = 0; count < 7; count += 1) body.push(Buffer.alloc(chunkBytes));
  expect(calls).toEqual([]);
  body.push(Buffer.alloc(chunkBytes));
  expect(calls).toEqual(['pause']);
  await body.next();
  expect(calls).toEqual(['pause', 'resume']);
});

test('what came before an error is read first', async () => {
  const { body } = playedBody();
  body.push(Buffer.from('a'));
  body.settle(new Error('cut'));
  expect(String((await body.next()).value)).toBe('a');
  await expect(body.next()).rejects.toThrow('cut');
});

test('leaving a loop early gives up the connection, once', async () => {
  const { body, calls } = playedBody();
  body.push(Buffer.from('a'));
  for await (const _ of body) break;
  body.close();
  body.push(Buffer.from('b'));
  expect(calls).toEqual(['abort']);
  await expect(body.next()).rejects.toMatchObject({ kind: 'canceled' });
});

test('a body that is at its end costs no connection to close', () => {
  const { body, calls } = playedBody();
  body.push(Buffer.from('a'));
  body.settle();
  body.close();
  body.discard();
  expect(calls).toEqual([]);
});

test('a short rest is let through unread, a long one is given up', () => {
  const short = playedBody();
  short.body.discard();
  short.body.push(Buffer.alloc(chunkBytes));
  expect(short.calls).toEqual(['resume']);
  short.body.push(Buffer.alloc(1));
  expect(short.calls).toEqual(['resume', 'abort']);
});

test('readBody bounds bytes and time', async () => {
  const large = playedBody();
  large.body.push(Buffer.alloc(11));
  await expect(readBody(large.body, 10)).rejects.toMatchObject({ kind: 'resource-exhausted' });
  expect(large.calls).toEqual(['abort']);
  const slow = playedBody();
  slow.body.push(Buffer.alloc(1));
  await expect(readBody(slow.body, 10, 5)).rejects.toMatchObject({ kind: 'deadline-exceeded' });
  expect(slow.calls).toEqual(['abort']);
  const good = playedBody();
  good.body.push(Buffer.alloc(10));
  good.body.settle();
  expect(await readBody(good.body, 10)).toHaveLength(10);
});
