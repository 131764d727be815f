import { expect, test } from 'vitest';
import { chainIds, isDigest, parseDigest, sha256Of } from './digest.ts';

const a = sha256Of('a');
const b = sha256Of('b');

test('parses a digest', () => {
  expect(parseDigest(a)).toEqual({ algorithm: 'sha256', hex: a.slice(7) });
});

test.each([
  '',
  'sha256',
  'sha256:',
  `sha256:${'A'.repeat(64)}`,
  `sha256:${'a'.repeat(63)}`,
  `md5:${'a'.repeat(32)}`,
  `toString:${'a'.repeat(64)}`,
  `sha256:../${'a'.repeat(61)}`,
  `${a}\n`,
])('refuses %j', (text) => {
  expect(isDigest(text)).toBe(false);
});

test('the chain id of one layer is its diff id; of more, the hash over the stack', () => {
  expect(chainIds([])).toEqual([]);
  expect(chainIds([a, b])).toEqual([a, sha256Of(`${a} ${b}`)]);
});
