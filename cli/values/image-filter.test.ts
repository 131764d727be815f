import { expect, test } from 'vitest';
import { parseImageFilters } from './image-filter.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const image = (name: string, labels: Record<string, string> = {}) => ({
  name,
  labels,
  target: { mediaType: '', digest, size: 0 },
  createdAt: null,
});

const names = [
  'docker.io/library/alpine:3',
  'docker.io/team/app:1.0',
  'r.example:5000/app:2',
  `r.example:5000/app@${digest}`,
];

test.each([
  ['alpine', [0]],
  ['alpine:3', [0]],
  ['docker.io/library/alpine', [0]],
  ['alp*', [0]],
  ['*app', [1, 2, 3]],
  ['r.example:5000/app', [2, 3]],
  ['r.example:5000/app:?', [2]],
  ['rXexample:5000/app', []],
  ['team/app:1.0', [1]],
  ['(', []],
])('reference=%s', (pattern, expected) => {
  const { matches } = parseImageFilters([`reference=${pattern}`]);
  expect(names.filter((name) => matches(image(name)))).toEqual(expected.map((position) => names[position]));
});

test('labels by key, or key and value; all of docker have to match', () => {
  const { matches, native } = parseImageFilters(['label=a', 'label=b=c=d', 'name~=x', 'labels.x==y']);
  expect(matches(image('x', { a: '', b: 'c=d' }))).toBe(true);
  expect(matches(image('x', { a: '', b: 'c' }))).toBe(false);
  expect(matches(image('x', { b: 'c=d' }))).toBe(false);
  expect(native).toEqual(['name~=x', 'labels.x==y']);
});

test("docker's other filters are refused, not passed on", () => {
  expect(() => parseImageFilters(['dangling=true'])).toThrow('filter "dangling=true"');
});

test('a pattern of many stars takes no time', () => {
  const { matches } = parseImageFilters([`reference=${'*a'.repeat(20)}b`]);
  const startedAt = performance.now();
  expect(matches(image('a'.repeat(200)))).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});
