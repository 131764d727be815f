import { expect, test } from 'vitest';
import type { Mount } from '../snapshotter.ts';
import { directTarget } from './layer-target.ts';

function mount(type: string, source: string, ...options: string[]): Mount {
  return { type, source, target: '', options };
}

test('an overlay is written to through its upper directory', () => {
  const overlay = mount('overlay', 'overlay', 'index=off', 'workdir=/9/work', 'upperdir=/9/fs', 'lowerdir=/4/fs:/2/fs');
  expect(directTarget([overlay])).toEqual({
    target: '/9/fs',
    whiteouts: 'overlay',
    parents: ['/4/fs', '/2/fs'],
  });
});

test('an overlay that is to be stacked later has no layers below yet', () => {
  expect(directTarget([mount('overlay', 'overlay', 'userxattr', 'upperdir=/9/fs')])).toEqual({
    target: '/9/fs',
    whiteouts: 'overlay-userxattr',
    parents: [],
  });
});

test('a writable bind mount is written to at its source', () => {
  expect(directTarget([mount('bind', '/9/fs', 'rw', 'rbind')])).toEqual({
    target: '/9/fs',
    whiteouts: 'plain',
    parents: [],
  });
});

test.for<Mount[]>([
  [],
  [mount('bind', '/9/fs', 'ro', 'rbind')],
  [mount('overlay', 'overlay', 'lowerdir=/4/fs:/2/fs')],
  [mount('ext4', '/dev/loop0', 'rw')],
  [mount('bind', '/a', 'rw'), mount('bind', '/b', 'rw')],
  [{ ...mount('bind', '/a', 'rw'), target: '/below' }],
])('%j have to be mounted', (mounts) => {
  expect(directTarget(mounts)).toBeUndefined();
});
