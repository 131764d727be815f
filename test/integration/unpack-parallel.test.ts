import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Entry, layerOf, UnpackWorld } from './unpack-world.ts';

let world: UnpackWorld;
let count = 0;

beforeAll(async () => {
  world = await UnpackWorld.start();
});

afterAll(() => world[Symbol.asyncDispose]());

const directory = (name: string, rest: Partial<Entry> = {}): Entry => ({ name, type: 'directory', ...rest });
const file = (name: string, content = name, rest: Partial<Entry> = {}): Entry => ({ name, content, ...rest });
const gone = (path: string): Entry => {
  const slash = path.lastIndexOf('/') + 1;
  return file(`${path.slice(0, slash)}.wh.${path.slice(slash)}`, '');
};
const opaque = (path: string): Entry => file(`${path}/.wh..wh..opq`, '');
const odd = { mode: 0o1750, uid: 12, gid: 34, mtime: new Date(1_234_567_000) };

const base: Entry[] = [
  directory('etc'),
  file('etc/keep'),
  file('etc/remove'),
  directory('etc/deep', odd),
  directory('etc/deep/er', { ...odd, uid: 99, mode: 0o700 }),
  file('etc/deep/er/file'),
  directory('lib'),
  file('lib/library', 'x'.repeat(100_000)),
  { name: 'lib64', linkname: 'lib' },
  file('top'),
];

/** Every kind of change that one layer can make to those below, with the number of layers that cannot do it alone. */
const stacks: [what: string, layers: Entry[][], twice: number][] = [
  [
    'files that are added, changed and deleted',
    [
      base,
      [directory('etc'), file('etc/new'), file('etc/keep', 'changed')],
      [directory('etc'), gone('etc/remove'), gone('top')],
    ],
    0,
  ],
  ['a directory that is deleted', [base, [directory('etc'), gone('etc/deep')], [file('other')]], 0],
  ['a deleted file that comes back, and goes again', [base, [gone('top')], [file('top', 'again')], [gone('top')]], 0],
  ['a directory that is deleted and made anew', [base, [gone('etc')], [directory('etc'), file('etc/only')]], 0],
  ['a directory deleted and made anew by one layer', [base, [gone('etc'), directory('etc', odd), file('etc/only')]], 0],
  [
    'a directory that hides what was in it',
    [base, [directory('etc', odd), opaque('etc'), file('etc/only')], [directory('etc'), file('etc/more')]],
    0,
  ],
  [
    'a hidden directory in a hidden directory',
    [base, [directory('etc'), opaque('etc'), directory('etc/deep'), opaque('etc/deep')]],
    0,
  ],
  ['a directory that becomes a file', [base, [file('etc', 'now a file')], [file('etc', 'still')]], 0],
  [
    'a file that becomes a directory',
    [base, [directory('top'), file('top/in')], [gone('top/in'), directory('top', odd)]],
    1,
  ],
  ['a link to a directory that becomes one', [base, [directory('lib64', odd), file('lib64/own')]], 0],
  ['a directory that becomes a link', [base, [{ name: 'lib', linkname: 'etc' }]], 0],
  [
    'deletions of nothing',
    [base, [gone('never'), directory('etc'), gone('etc/never'), directory('new'), gone('new/never')]],
    0,
  ],
  [
    'names of one file in one layer',
    [base, [file('one', 'several names'), { name: 'two', type: 'link', linkname: 'one' }], [gone('one')]],
    0,
  ],
  [
    'devices, fifos and attributes',
    [
      base,
      [
        { name: 'null', type: 'character-device', devmajor: 1, devminor: 3 },
        { name: 'pipe', type: 'fifo' },
        file('capable', 'x', { pax: { 'SCHILY.xattr.user.mine': 'value' } }),
      ],
      [gone('pipe')],
    ],
    0,
  ],
  ['directories that are only implied', [base, [file('etc/deep/er/new')], [gone('etc/deep/er/file')]], 2],
  ['an implied directory that no layer has', [base, [file('a/b/c')], [file('a/b/d')]], 2],
  ['an implied directory told later', [base, [file('etc/deep/new'), directory('etc/deep', { ...odd, uid: 77 })]], 1],
  ['all that is below hidden', [base, [file('.wh..wh..opq', ''), file('alone')], [file('on top')]], 1],
];

test.for(stacks)('layers unpacked beside each other are those unpacked in order: %s', async ([, layers, twice]) => {
  count += 1;
  const [parallel, ordered] = [`parallel-${count}`, `ordered-${count}`];
  const archives = await Promise.all(layers.map(layerOf));
  const image = await world.put(parallel, archives);
  const before = await world.passes('unpack.layer.prepared');
  // The bottom layer is committed last, so that no other one can be unpacked on top of what is below it.
  await world.setFailpoint('unpack.layer.extracted', '1*delay(700ms)');
  await world.unpack(parallel, image);
  const again = (await world.passes('unpack.layer.prepared')) - before - layers.length;
  // Once one had to be unpacked twice, those that had not begun by then wait for the one below.
  expect([Math.min(twice, 1), twice]).toContain(again);
  await world.unpackInOrder(ordered, await world.put(ordered, archives));
  for (const name of image.chain) {
    expect(await world.tree(parallel, name)).toEqual(await world.tree(ordered, name));
  }
  expect([...(await world.snapshots(parallel)).values()]).toEqual(image.chain.map(() => 'COMMITTED'));
  expect(await world.leases(parallel)).toEqual([]);
});

test('a deleted file does not come back, whichever layer comes first', async () => {
  const layers = [
    [file('secret'), directory('d'), file('d/secret')],
    [gone('secret')],
    [directory('d'), gone('d/secret')],
    [file('last')],
  ];
  const image = await world.put('deleted', await Promise.all(layers.map(layerOf)));
  await world.unpack('deleted', image);
  const tree = await world.tree('deleted', image.chain.at(-1) ?? '');
  expect(Object.keys(tree)).toEqual(['', 'd', 'last']);
});
