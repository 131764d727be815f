import { expect, test } from 'vitest';
import { idMappingOf } from './id-mapping.ts';

const labels = (uidMap?: string, gidMap?: string) => ({
  ...(uidMap === undefined ? {} : { 'containerd.io/snapshot/uidmapping': uidMap }),
  ...(gidMap === undefined ? {} : { 'containerd.io/snapshot/gidmapping': gidMap }),
});

test('the container root is found in whichever entry maps id 0', () => {
  expect(idMappingOf(labels('1:5:3,0:100000:1', '0:200000:65536'))).toEqual({
    uidMap: '1:5:3,0:100000:1',
    gidMap: '0:200000:65536',
    rootUid: 100000,
    rootGid: 200000,
  });
  expect(idMappingOf({ other: 'label' })).toBeUndefined();
});

test.each([
  ['0:1:1', undefined],
  [undefined, '0:1:1'],
  ['1:1:1', '0:1:1'],
  ['0:1:0', '0:1:1'],
  ['0:1', '0:1:1'],
  ['0:1:1,', '0:1:1'],
  ['0:1:1', '0:-1:1'],
])('%s with %s is refused', (uidMap, gidMap) => {
  expect(() => idMappingOf(labels(uidMap, gidMap))).toThrow(expect.objectContaining({ kind: 'invalid-argument' }));
});
