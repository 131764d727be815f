import { expect, test } from 'vitest';
import { parsePolicy, restartLabels, wantsRestart } from './policy.ts';

const policy = (text: string, more: Record<string, string> = {}) => ({ [restartLabels.policy]: text, ...more });
const counted = (count: string) => ({ [restartLabels.count]: count });
const stopped = (text: string) => ({ [restartLabels.explicitlyStopped]: text });

test.each([
  ['', { name: 'always', maxRetries: 0 }],
  ['no', { name: 'no', maxRetries: 0 }],
  ['always', { name: 'always', maxRetries: 0 }],
  ['unless-stopped', { name: 'unless-stopped', maxRetries: 0 }],
  ['on-failure', { name: 'on-failure', maxRetries: 0 }],
  ['on-failure:3', { name: 'on-failure', maxRetries: 3 }],
])('the policy %j', (text, expected) => {
  expect(parsePolicy(text)).toEqual(expected);
});

test.each([
  ['sometimes', 'restart policy "sometimes" not supported'],
  ['always:3', 'restart policy "always" not support max retry count'],
  ['no:0', 'restart policy "no" not support max retry count'],
  ['on-failure:x', 'invalid max retry count: x'],
  ['on-failure:', 'invalid max retry count: '],
])('the policy %j is refused', (text, message) => {
  expect(() => parsePolicy(text)).toThrow(message);
});

test.each([
  [0, {}, true],
  [1, policy('no'), false],
  [0, policy('always'), true],
  [0, policy('on-failure'), false],
  [1, policy('on-failure'), true],
  [1, policy('on-failure:2', counted('1')), true],
  [1, policy('on-failure:2', counted('2')), false],
  [1, policy('unless-stopped'), true],
  [1, policy('unless-stopped', stopped('true')), false],
  [1, policy('unless-stopped', stopped('no')), true],
  [1, policy('always', stopped('true')), true],
])('after exit status %j with %j', (exitStatus, labels, expected) => {
  expect(wantsRestart(exitStatus, labels)).toBe(expected);
});

test('a count that is no number is no reason to restart', () => {
  expect(() => wantsRestart(1, policy('on-failure:2', counted('two')))).toThrow('two');
});
