import { expect, test } from 'vitest';
import { readOnly } from './rootfs.ts';

test('readOnly makes an active overlay a stack of lower directories, its own on top', () => {
  const options = ['index=off', 'workdir=/3/work', 'upperdir=/3/fs', 'lowerdir=/2/fs:/1/fs'];
  const mount = { type: 'overlay', source: 'overlay', target: '', options };
  expect(readOnly(mount).options).toEqual(['index=off', 'lowerdir=/3/fs:/2/fs:/1/fs']);
});

test('readOnly leaves an overlay view as it is and turns a bind read-only', () => {
  const view = { type: 'overlay', source: 'overlay', target: '', options: ['lowerdir=/2/fs:/1/fs'] };
  expect(readOnly(view)).toEqual(view);
  const bind = { type: 'bind', source: '/1/fs', target: '', options: ['rw', 'rbind'] };
  expect(readOnly(bind).options).toEqual(['rbind', 'ro']);
  expect(bind.options).toEqual(['rw', 'rbind']);
});
