import { expect, test } from 'vitest';
import type { Mount } from '../snapshotter.ts';
import { overlayUpper } from './overlay-upper.ts';

function mount(type: string, source: string, ...options: string[]): Mount {
  return { type, source, target: '', options };
}

const overlay = (...options: string[]) => mount('overlay', 'overlay', 'index=off', ...options);
const active = overlay('workdir=/9/work', 'upperdir=/9/fs', 'lowerdir=/4/fs:/2/fs');

test.for<[string, Mount, Mount]>([
  ['a view of its parents', overlay('lowerdir=/4/fs:/2/fs'), active],
  ['a view of its only parent', mount('bind', '/4/fs', 'ro', 'rbind'), overlay('upperdir=/9/fs', 'lowerdir=/4/fs')],
  [
    'the active snapshot that was committed below it',
    overlay('upperdir=/4/fs', 'workdir=/4/work', 'lowerdir=/2/fs'),
    active,
  ],
])('an active snapshot against %s differs by its upper directory', ([, left, right]) => {
  expect(overlayUpper([left], [right])).toBe('/9/fs');
});

test.for<[string, Mount[], Mount[]]>([
  ['nothing', [], [active]],
  ['other layers', [overlay('lowerdir=/2/fs:/4/fs')], [active]],
  ['some of its layers', [mount('bind', '/4/fs', 'ro')], [active]],
  ['more layers', [overlay('lowerdir=/4/fs:/2/fs:/1/fs')], [active]],
  ['another file system', [mount('ext4', '/dev/loop0', 'ro')], [active]],
  ['part of another tree', [{ ...overlay('lowerdir=/4/fs:/2/fs'), target: 'below' }], [active]],
])('an active snapshot against %s has to be walked', ([, left, right]) => {
  expect(overlayUpper(left, right)).toBeUndefined();
});

test.for<[string, Mount]>([
  ['a view', overlay('lowerdir=/9/fs:/4/fs:/2/fs')],
  [
    'an overlay that keeps hard links',
    mount('overlay', 'overlay', 'index=on', 'upperdir=/9/fs', 'lowerdir=/4/fs:/2/fs'),
  ],
  ['a directory', mount('bind', '/9/fs', 'rw')],
])('%s has to be walked', ([, right]) => {
  expect(overlayUpper([overlay('lowerdir=/4/fs:/2/fs')], [right])).toBeUndefined();
});
