import { expect, test } from 'vitest';
import { parseMaskPath, updatedMap } from './field-mask.ts';

test.each([
  ['labels', { field: 'labels' }],
  ['labels.a', { field: 'labels', key: 'a' }],
  ['labels.io.x/y.z', { field: 'labels', key: 'io.x/y.z' }],
  ['labels.', { field: 'labels', key: '' }],
  ['spec.a', { field: 'spec.a' }],
  ['labelsx.a', { field: 'labelsx.a' }],
  ['.a', { field: '.a' }],
  ['', { field: '' }],
])('path %j', (path, expected) => {
  expect(parseMaskPath(path, ['labels'])).toEqual(expected);
});

test('a map is replaced, or one key of it set or removed', () => {
  const current = { a: 1, b: 2 };
  expect(updatedMap(current, { c: 3 }, undefined)).toEqual({ c: 3 });
  expect(updatedMap(current, { a: 9, c: 3 }, 'a')).toEqual({ a: 9, b: 2 });
  expect(updatedMap(current, { c: 3 }, 'a')).toEqual({ b: 2 });
  expect(updatedMap(current, {}, 'constructor')).toEqual(current);
  expect(current).toEqual({ a: 1, b: 2 });
});
