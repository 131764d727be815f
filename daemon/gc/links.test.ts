import { expect, test } from 'vitest';
import { linksOf } from './links.ts';
import { nodeId } from './node.ts';

const node = (type: Parameters<typeof nodeId>[0], key: string) => nodeId(type, 'ns', key);

test.each([
  ['ref.content', 'd', node('content', 'd')],
  ['ref.content.l.0', 'd', node('content', 'd')],
  ['ref.content/x', 'd', node('content', 'd')],
  ['ref.image', 'name', node('image', 'name')],
  ['ref.image.x', 'name', node('image', 'name')],
  ['ref.mount/x', 'name', node('mount', 'name')],
  ['ref.snapshot.overlayfs', 'key', node('snapshot', 'overlayfs/key')],
  ['ref.snapshot.over.lay/second', 'k/e', node('snapshot', 'over.lay/k/e')],
])('%s refers to what it names', (name, value, target) => {
  expect(linksOf('ns', { [`containerd.io/gc.${name}`]: value }).references).toEqual([target]);
});

test.each([
  ['bref.content', 'd', node('content', 'd')],
  ['bref.content/x', 'd', node('content', 'd')],
  ['bref.image.x', 'name', node('image', 'name')],
  ['bref.container', 'id', node('container', 'id')],
  ['bref.snapshot.overlayfs/x', 'key', node('snapshot', 'overlayfs/key')],
])('%s is kept by what it names', (name, value, keeper) => {
  const links = linksOf('ns', { [`containerd.io/gc.${name}`]: value });
  expect(links).toMatchObject({ backReferences: [keeper], references: [] });
});

test.each([
  'gc.ref.contents',
  'gc.ref.imagex',
  'gc.ref.container',
  'gc.bref.mount',
  'gc.bref.contentx',
  'gc.refcontent',
  'xgc.root',
])('containerd.io/%s says nothing', (name) => {
  const links = linksOf('ns', { [`containerd.io/${name}`]: 'x' });
  expect(links).toMatchObject({ references: [], backReferences: [], conditions: [], isRoot: false });
});

test.each(['root', 'root.mine', 'rooted'])('gc.%s makes a root, whatever its value', (name) => {
  expect(linksOf('ns', { [`containerd.io/gc.${name}`]: 'no' }).isRoot).toBe(true);
});

test('a condition has any number of alternatives', () => {
  const { conditions } = linksOf('ns', { 'containerd.io/gc.cond.snapshot.overlayfs/a': 'usedat<24h,usedat>48h|k|ey' });
  const target = node('snapshot', 'overlayfs/k|ey');
  expect(conditions).toEqual([
    { target, operator: '<', ageNs: 86_400_000_000_000n },
    { target, operator: '>', ageNs: 172_800_000_000_000n },
  ]);
});

test.each(['usedat<24h', 'usedat<=24h|k', 'usedat=1h|k', 'usedat!1h|k', 'usedat<soon|k', 'other<1h|k', '|k', ''])(
  'the condition %j never holds',
  (value) => expect(linksOf('ns', { 'containerd.io/gc.cond.snapshot.overlayfs': value }).conditions).toEqual([]),
);

test('a time of use is read, another text is not', () => {
  const used = (value: string) => linksOf('ns', { 'containerd.io/gc.cond.value-usedat': value }).usedAtNs;
  expect(used('1970-01-01T00:00:01.5+00:00')).toEqual([1_500_000_000n]);
  expect(used('yesterday')).toEqual([]);
});
