import { expect, test } from 'vitest';
import { DetachKeys, defaultDetachKeys, parseDetachKeys } from './detach-keys.ts';

const feed = (keys: DetachKeys, text: string) => {
  const { pass, detached } = keys.feed(Buffer.from(text));
  return `${pass.toString()}${detached ? ' detached' : ''}`;
};

test('keys are read as docker writes them', () => {
  expect([...parseDetachKeys(defaultDetachKeys)]).toEqual([16, 17]);
  expect([...parseDetachKeys('a,ctrl-[,ctrl-@')]).toEqual([97, 27, 0]);
  for (const wrong of ['', 'ctrl-', 'ctrl-P', 'ab', 'ctrl-p,']) {
    expect(() => parseDetachKeys(wrong)).toThrow(/is not a key/);
  }
});

test('what only began like the keys is passed on', () => {
  const keys = new DetachKeys(Buffer.from('pq'));
  expect(feed(keys, 'ap')).toBe('a');
  expect(feed(keys, 'p')).toBe('p');
  expect(feed(keys, 'x')).toBe('px');
  expect(feed(keys, 'p')).toBe('');
  expect(feed(keys, 'qrest')).toBe(' detached');
});
