import { expect, test } from 'vitest';
import { isKind } from '../base/errors.ts';
import { familiarReference, normalizeReference, parseReference } from './reference.ts';

const hex = 'ab'.repeat(32);

test.each([
  ['busybox', 'docker.io/library/busybox:latest'],
  ['busybox:1.36', 'docker.io/library/busybox:1.36'],
  ['user/app', 'docker.io/user/app:latest'],
  ['index.docker.io/busybox', 'docker.io/library/busybox:latest'],
  ['docker.io/busybox', 'docker.io/library/busybox:latest'],
  ['localhost/app', 'localhost/app:latest'],
  ['localhost:5000/app:v1', 'localhost:5000/app:v1'],
  ['quay.io/a/b/c:v1_x.y-z', 'quay.io/a/b/c:v1_x.y-z'],
  ['HOST/app', 'HOST/app:latest'],
  ['[::1]:5000/app', '[::1]:5000/app:latest'],
  [`busybox@sha256:${hex}`, `docker.io/library/busybox@sha256:${hex}`],
  [`busybox:1.36@sha256:${hex}`, `docker.io/library/busybox@sha256:${hex}`],
  ['a__b/c---d.e', 'docker.io/a__b/c---d.e:latest'],
])('normalizeReference completes %s', (text, expected) => {
  expect(normalizeReference(text)).toBe(expected);
});

test.each([
  '',
  'Busybox',
  'a/B',
  ':tag',
  'busybox:',
  'busybox:-x',
  `busybox:${'x'.repeat(129)}`,
  'busy box',
  'busybox\n',
  '../etc',
  'a//b',
  'a/',
  '/a',
  '-a',
  'a_-b',
  'busybox@sha256:abc',
  'busybox@md5:d41d8cd98f00b204e9800998ecf8427e',
  `busybox@sha256:${hex.toUpperCase()}`,
  hex,
  `quay.io/${'a'.repeat(256)}`,
  'x'.repeat(2000),
])('parseReference refuses %j', (text) => {
  let thrown: unknown;
  try {
    parseReference(text);
  } catch (error) {
    thrown = error;
  }
  expect(isKind(thrown, 'invalid-argument')).toBe(true);
});

test('familiarReference shortens only what the defaults would restore', () => {
  expect(familiarReference('docker.io/library/busybox:latest')).toBe('busybox:latest');
  expect(familiarReference('docker.io/user/app:v1')).toBe('user/app:v1');
  expect(familiarReference('quay.io/library/x:v1')).toBe('quay.io/library/x:v1');
});
