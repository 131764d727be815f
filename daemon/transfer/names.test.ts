import { expect, test } from 'vitest';
import { namesInArchive, namesOfTarget, namesToTake } from './names.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const reference = (name: string, options: object = {}) => ({
  ...{ name, isPrefix: false, allowOverwrite: false, addDigest: false, skipNamedDigest: false },
  ...options,
});
const prefix = (name: string, options: object = {}) => reference(name, { isPrefix: true, ...options });
const store = (name: string, ...extraReferences: ReturnType<typeof reference>[]) => ({
  ...{ name, labels: { l: '1' }, extraReferences },
});
const image = (annotations: Record<string, string> = {}) => ({ mediaType: 'm', digest, size: 1, annotations });
const named = (name: string) => image({ 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': 'tag' });
const tagged = (ref: string) => image({ 'org.opencontainers.image.ref.name': ref });
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);

test('what is pulled gets its name, and the further ones live as long as that', () => {
  const all = [
    reference('b'),
    prefix('c'),
    prefix('d', { addDigest: true }),
    prefix('e', { addDigest: true, skipNamedDigest: true }),
  ];
  const further = { l: '1', 'containerd.io/gc.bref.image': 'a', 'containerd.io/gc.expire': 'now' };
  expect(namesOfTarget(store('a', ...all), image(), 'now')).toEqual([
    { name: 'a', labels: { l: '1' } },
    { name: 'b', labels: further },
    { name: `d@${digest}`, labels: further },
    { name: `e@${digest}`, labels: further },
  ]);
  expect(namesOfTarget(store('', reference('b')), image(), 'now')).toEqual([{ name: 'b', labels: { l: '1' } }]);
  expect(namesOfTarget(store('', prefix('b')), image(), 'now')).toEqual([]);
});

// [reference, annotated image, names]
test.for([
  [prefix('p'), tagged('1'), ['p:1']],
  [prefix('p'), tagged('other/x:1'), []],
  [prefix('p'), tagged('p/x:1'), ['p/x:1']],
  [prefix('p'), tagged('px:1'), []],
  [prefix('p', { allowOverwrite: true }), tagged('other/x:1'), ['other/x:1']],
  [prefix('p'), named('other/x:1'), []],
  [prefix('p'), named('p:1'), ['p:1']],
  [prefix('p'), named('bare'), []],
  [prefix('p', { allowOverwrite: true }), named('other/x:1'), ['other/x:1']],
  [prefix('p', { addDigest: true }), tagged('1'), ['p:1', `p@${digest}`]],
  [prefix('p', { addDigest: true, skipNamedDigest: true }), tagged('1'), ['p:1']],
  [prefix('p', { addDigest: true, skipNamedDigest: true }), image(), [`p@${digest}`]],
  [prefix('p'), image(), []],
  [prefix(''), tagged('1'), []],
  [reference('full/name:1'), tagged('1'), []],
] as const)('names in an archive: %j', ([extra, described, expected]) => {
  expect(names(namesInArchive(store('', extra), described, 'now'))).toEqual(expected);
});

test('names to take', () => {
  expect(namesToTake(store('a', reference('b')))).toEqual(['a', 'b']);
  expect(namesToTake(store('', reference('b')))).toEqual(['b']);
  expect(() => namesToTake(store('a', prefix('b')))).toThrow('prefix lookup on export not implemented');
});
