import { expect, test } from 'vitest';
import { addPrefix, datedPrefix, nameAnnotations, nameIn, onlyWithPrefix } from './names.ts';

test('addPrefix completes tags and leaves full names', () => {
  const rename = addPrefix('base/name');
  expect(['v1', 'other/name:v1', 'x:y', 'x@sha256:1'].map(rename)).toEqual([
    'base/name:v1',
    'other/name:v1',
    'x:y',
    'x@sha256:1',
  ]);
});

test('onlyWithPrefix takes no other names', () => {
  const rename = onlyWithPrefix('base/name');
  expect(['v1', 'base/name:v1', 'base/name@d', 'base/name/x:1', 'base/name'].map(rename)).not.toContain(undefined);
  expect(['base/names:v1', 'other:v1'].map(rename)).toEqual([undefined, undefined]);
});

test("nameIn prefers containerd's name, which nobody renames", () => {
  const described = { mediaType: '', digest: '', size: 0 };
  const annotations = { 'io.containerd.image.name': 'full', 'org.opencontainers.image.ref.name': 'v1' };
  expect(nameIn({ ...described, annotations }, onlyWithPrefix('base'))).toBe('full');
  expect(nameIn({ ...described, annotations: { 'org.opencontainers.image.ref.name': 'v1' } }, addPrefix('b'))).toBe(
    'b:v1',
  );
  expect(nameIn(described, addPrefix('b'))).toBeUndefined();
});

test('nameAnnotations has the tag where there is one', () => {
  const shortOf = (name: string) => nameAnnotations(name)['org.opencontainers.image.ref.name'];
  expect(shortOf('docker.io/library/a:v1')).toBe('v1');
  expect(shortOf('localhost:5000/a:v1')).toBe('v1');
  expect(shortOf('localhost:5000/a')).toBe('localhost:5000/a');
  expect(shortOf('example.org/a:v1@sha256:1')).toBe('v1@sha256:1');
  expect(shortOf('example.org/a@sha256:1')).toBe('example.org/a@sha256:1');
  expect(shortOf('plain:v1')).toBe('plain:v1');
});

test('datedPrefix is of the day', () => {
  expect(datedPrefix(new Date('2026-02-03T04:05:06Z'))).toBe('import-2026-02-03');
});
