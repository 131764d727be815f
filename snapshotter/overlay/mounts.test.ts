import { expect, test } from 'vitest';
import type { SnapshotRecord } from '../record.ts';
import { type LayerPaths, overlayMounts } from './mounts.ts';

const paths: LayerPaths = { upper: (id) => `/s/${id}/fs`, work: (id) => `/s/${id}/work` };

function snapshot(kind: 'active' | 'view', parentIds: number[]): SnapshotRecord {
  const times = { createdAtNs: 1n, updatedAtNs: 1n };
  return { id: 9, name: 'key', parent: '', kind, parentIds, labels: {}, usage: null, ...times };
}

const bind = (source: string, access: string) => [{ type: 'bind', source, target: '', options: [access, 'rbind'] }];
const overlay = (...options: string[]) => [{ type: 'overlay', source: 'overlay', target: '', options }];

test('without a parent a snapshot is a bind mount of its own directory', () => {
  expect(overlayMounts(snapshot('active', []), paths, { options: ['index=off'] })).toEqual(bind('/s/9/fs', 'rw'));
  expect(overlayMounts(snapshot('view', []), paths, { options: ['index=off'] })).toEqual(bind('/s/9/fs', 'ro'));
});

test('a view of one layer is a bind mount of that layer', () => {
  expect(overlayMounts(snapshot('view', [4]), paths, { options: ['index=off'] })).toEqual(bind('/s/4/fs', 'ro'));
});

test('options come in the order that containerd prints: configured, workdir, upperdir, lowerdir nearest first', () => {
  expect(overlayMounts(snapshot('active', [4, 2, 1]), paths, { options: ['volatile', 'index=off'] })).toEqual(
    overlay('volatile', 'index=off', 'workdir=/s/9/work', 'upperdir=/s/9/fs', 'lowerdir=/s/4/fs:/s/2/fs:/s/1/fs'),
  );
});

test('a view of several layers has no upper directory', () => {
  expect(overlayMounts(snapshot('view', [4, 2]), paths, { options: [] })).toEqual(overlay('lowerdir=/s/4/fs:/s/2/fs'));
});

test('id maps come first, for bind mounts as well', () => {
  const mapping = { uidMap: '0:1000:5', gidMap: '0:2000:5', rootUid: 1000, rootGid: 2000 };
  const maps = ['uidmap=0:1000:5', 'gidmap=0:2000:5'];
  const options = { options: ['index=off'], mapping };
  const own = ['workdir=/s/9/work', 'upperdir=/s/9/fs', 'lowerdir=/s/4/fs'];
  expect(overlayMounts(snapshot('active', [4]), paths, options)).toEqual(overlay(...maps, 'index=off', ...own));
  const [mount] = overlayMounts(snapshot('view', [4]), paths, options);
  expect(mount?.options).toEqual([...maps, 'ro', 'rbind']);
});
