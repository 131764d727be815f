import { expect, test } from 'vitest';
import { validateTopic } from './topic.ts';

test.each(['/tasks/start', '/x', '/tasks/exec-added'])('takes %s', (topic) => {
  expect(() => validateTopic(topic)).not.toThrow();
});

test.each([
  ['', 'envelope topic "": must not be empty'],
  ['tasks', `envelope topic "tasks": must start with '/'`],
  ['/', 'envelope topic "/": must have at least one component'],
  ['/a//b', 'envelope topic "/a//b": failed validation on component ""'],
  ['/a b', 'failed validation on component "a b"'],
])('refuses %j', (topic, message) => {
  expect(() => validateTopic(topic)).toThrow(
    expect.objectContaining({ kind: 'invalid-argument', message: expect.stringContaining(message) }),
  );
});
