import { expect, test } from 'vitest';
import { Streams } from './streams.ts';

const { signal } = new AbortController();
const nothing = { next: async () => ({ done: true, value: undefined }) as const };

test('a namespace has so many streams and no more, whatever the others have', () => {
  const streams = new Streams();
  const open = (namespace: string, name: string) => streams.open({ namespace, signal }, name, nothing);
  const first = open('a', '0');
  for (let count = 1; count < 1_024; count += 1) open('a', `${count}`);
  expect(() => open('a', 'more')).toThrow('namespace a has 1024 open streams');
  open('b', 'more');
  first[Symbol.dispose]();
  open('a', 'more');
  expect(streams.count).toBe(1_025);
});

test('names have a length', () => {
  const streams = new Streams();
  const open = (name: string) => streams.open({ namespace: 'a', signal }, name, nothing);
  expect(() => open('')).toThrow('stream id');
  expect(() => open('x'.repeat(1_025))).toThrow('stream id');
  open('x'.repeat(1_024));
});
