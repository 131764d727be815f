import { expect, test } from 'vitest';
import { unpack } from '../../proto/any.ts';
import { ProgressSender, sparingly, step } from './progress.ts';
import { Stream } from './stream.ts';

const never = new AbortController().signal;
const silent: AsyncIterator<never, undefined> = { next: () => new Promise(() => undefined) };

/** A sender, and its client's side, which takes what it is sent when asked to. */
function start() {
  const stream = new Stream('progress', silent);
  const outgoing = stream.outgoing(never);
  const take = async () => {
    const { done, value } = await outgoing.next();
    return done === true ? undefined : unpack('containerd.types.transfer.Progress', value);
  };
  return { sender: new ProgressSender(stream), take };
}

const blob = (name: string, progress: number) => step('downloading', { name, progress, total: 1_000_000 });

test('a client that keeps up is told everything in order', async () => {
  const { sender, take } = start();
  const told: string[] = [];
  for (const event of ['a', 'b', 'c']) {
    sender.report(step(event));
    told.push((await take())?.event ?? '');
  }
  const closed = sender.close();
  expect(await take()).toBeUndefined();
  await closed;
  expect(told).toEqual(['a', 'b', 'c']);
});

test('one that does not gets the latest of each, and all steps', async () => {
  const { sender, take } = start();
  sender.report(step('begin'));
  const first = await take();
  for (let bytes = 1; bytes <= 100_000; bytes += 1) sender.report(blob(`layer-${bytes % 3}`, bytes));
  sender.report(step('saved', { name: 'x' }));
  const told = [first];
  for (let count = 0; count < 4; count += 1) told.push(await take());
  const closed = sender.close();
  expect(await take()).toBeUndefined();
  await closed;
  expect(told.map((progress) => [progress?.event, progress?.name, progress?.progress])).toEqual([
    ['begin', '', 0],
    ['downloading', 'layer-1', 100_000],
    ['downloading', 'layer-2', 99_998],
    ['downloading', 'layer-0', 99_999],
    ['saved', 'x', 0],
  ]);
});

test('of one that takes nothing only so much is kept, and the end does not wait for it for long', async () => {
  const { sender } = start();
  for (let count = 0; count < 20_000; count += 1) sender.report(step('waiting', { name: `layer-${count}` }));
  await sender.close();
});

test('what is reported with every byte is passed on now and then', () => {
  const told: number[] = [];
  const report = sparingly(({ progress }) => told.push(progress));
  for (let bytes = 0; bytes < 10_000; bytes += 1) report(blob('x', bytes));
  expect(told[0]).toBe(0);
  expect(told.length).toBeLessThan(100);
});
