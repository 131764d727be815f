import { describe, expect, test } from 'vitest';
import { ms, parseMountOptions } from './mount-options.ts';
import { parseMountInfo } from './mountinfo.ts';
import { overlayParameters, shortenLowerDirs } from './overlay-options.ts';

describe('parseMountOptions', () => {
  test('tells flags, propagation and data apart', () => {
    expect(parseMountOptions(['rbind', 'ro', 'nosuid', 'rslave', 'private', 'size=1m', 'defaults'])).toEqual({
      flags: ms.bind | ms.rec | ms.rdonly | ms.nosuid,
      propagation: [ms.slave | ms.rec, ms.private],
      data: ['size=1m', 'defaults'],
      idMap: undefined,
    });
  });

  test('an option takes back the one it contradicts', () => {
    const pairs = [
      ['ro', 'rw'],
      ['nosuid', 'suid'],
      ['nodev', 'dev'],
      ['noexec', 'exec'],
      ['noatime', 'atime'],
      ['nodiratime', 'diratime'],
      ['relatime', 'norelatime'],
      ['strictatime', 'nostrictatime'],
      ['sync', 'async'],
      ['mand', 'nomand'],
    ] as const;
    for (const [set, clear] of pairs) {
      expect(parseMountOptions([set]).flags, set).not.toBe(0);
      expect(parseMountOptions([set, clear])).toEqual({ flags: 0, propagation: [], data: [], idMap: undefined });
    }
  });

  test('id maps come in the form the kernel takes, both or neither', () => {
    const { idMap, data } = parseMountOptions(['uidmap=0:1000:1,1:100000:65535', 'gidmap=0:7:9', 'volatile']);
    expect(idMap).toEqual({ uids: '0 1000 1\n1 100000 65535\n', gids: '0 7 9\n' });
    expect(data).toEqual(['volatile']);
    for (const wrong of ['', '0', '0:1', '0:1:0', '0:1:2:3', '-1:1:1', '0:4294967295:1', '0:1:1,', 'a:b:c']) {
      const parse = () => parseMountOptions([`uidmap=${wrong}`, 'gidmap=0:1:1']);
      expect(parse, wrong).toThrow('is not container-id:host-id:size');
    }
    expect(() => parseMountOptions(['gidmap=0:1:1'])).toThrow('only supported together');
  });

  test('names of Object.prototype are data', () => {
    expect(parseMountOptions(['constructor', '__proto__']).data).toEqual(['constructor', '__proto__']);
  });
});

describe('overlayParameters', () => {
  test('one parameter per directory, colons and commas unescaped only where they separate', () => {
    expect(overlayParameters(['lowerdir=/a:/b\\:c', 'upperdir=/u,workdir=/w', 'volatile'])).toEqual([
      ...['string', 'lowerdir+', '/a'],
      ...['string', 'lowerdir+', '/b:c'],
      ...['string', 'upperdir', '/u'],
      ...['string', 'workdir', '/w'],
      ...['flag', 'volatile', ''],
    ]);
  });

  test('data-only layers have a key of their own', () => {
    expect(overlayParameters(['lowerdir=/a:/b::/c::/d'])).toEqual([
      ...['string', 'lowerdir+', '/a'],
      ...['string', 'lowerdir+', '/b'],
      ...['string', 'datadir+', '/c'],
      ...['string', 'datadir+', '/d'],
    ]);
  });
});

describe('shortenLowerDirs', () => {
  test('leaves alone what fits, or has nothing in common', () => {
    const fits = ['lowerdir=/s/1/fs:/s/2/fs'];
    expect(shortenLowerDirs(fits, 100)).toEqual({ data: fits, directory: null });
    const apart = ['lowerdir=/s/1/fs:/t/2/fs'];
    expect(shortenLowerDirs(apart, 10)).toEqual({ data: apart, directory: null });
  });

  test('writes the rest relative to the deepest directory they share', () => {
    expect(shortenLowerDirs(['index=off', 'lowerdir=/s/x/10/fs:/s/x/1/fs'], 10)).toEqual({
      data: ['index=off', 'lowerdir=10/fs:1/fs'],
      directory: '/s/x',
    });
  });
});

test('parseMountInfo reads escapes, optional fields, and leaves out other lines', () => {
  const text = [
    '36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:2 - ext3 /dev/ro\\134ot rw,errors=continue',
    'nonsense',
    '37 36 0:5 / /x ro - tmpfs tmpfs rw',
    '',
  ].join('\n');
  expect(parseMountInfo(text)).toEqual([
    {
      id: 36,
      parentId: 35,
      device: '98:0',
      root: '/mnt1',
      target: '/mnt 2',
      options: ['rw', 'noatime'],
      optional: ['master:1', 'shared:2'],
      type: 'ext3',
      source: '/dev/ro\\ot',
      superOptions: ['rw', 'errors=continue'],
    },
    expect.objectContaining({ id: 37, optional: [], target: '/x', type: 'tmpfs', superOptions: ['rw'] }),
  ]);
});
