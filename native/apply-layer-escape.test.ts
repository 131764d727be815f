import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sys } from './sys.ts';
import { member, type TarMember, tarOf } from './tar-fixture.ts';
import { describeTree } from './tree-fixture.ts';

let directory: string;
let root: string;
const at = (...names: string[]) => join(directory, ...names);
const inRoot = (path: string) => join(root, path);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-escape-'));
  root = at('root');
  await mkdir(root);
  await mkdir(at('outside'));
  await writeFile(at('outside', 'victim'), 'unharmed', { mode: 0o400 });
});

afterEach(() => sys.removeTree(directory));

async function apply(...members: TarMember[]) {
  await writeFile(at('layer'), tarOf(...members));
  const before = await describeTree(at('outside'));
  try {
    return await sys.applyLayer({ source: { path: at('layer') }, target: root, whiteouts: 'plain' });
  } finally {
    expect(await describeTree(at('outside'))).toEqual(before);
    expect((await readdir(directory)).sort()).toEqual(['layer', 'outside', 'root']);
  }
}

async function expectSameFile(a: string, b: string): Promise<void> {
  const [first, second] = await Promise.all([stat(inRoot(a)), stat(inRoot(b))]);
  expect([first.dev, first.ino]).toEqual([second.dev, second.ino]);
}

const { file, link: hardLink } = member;
const dir = member.directory;
const sym = member.symlink;
const text = (path: string) => readFile(inRoot(path), 'utf8');

describe('writing through a link ends inside the root, where the link leads there', () => {
  test.each<[string, TarMember[], string]>([
    ['absolute', [dir('etc'), sym('/etc', 'local'), file('/local/f', 'x')], 'etc/f'],
    ['up and out', [dir('etc'), sym('/dummy/../etc', 'local'), file('local/f', 'x')], 'etc/f'],
    ['far up and out', [dir('etc'), sym('../../../../../../etc', 'local'), file('local/f', 'x')], 'etc/f'],
    ['through a name that is missing', [dir('etc'), sym('no/../../../etc', 'local'), file('local/f', 'x')], 'etc/f'],
    ['twice', [dir('etc'), sym('/etc', 'dummy/etc'), sym('/dummy/etc', 'l'), file('l/f', 'x')], 'etc/f'],
    ['relative, twice', [dir('etc'), sym('/etc', 'dummy/etc'), sym('./dummy/etc', 'l'), file('l/f', 'x')], 'etc/f'],
    ['dangling', [sym('/made/on/the/way', 'local'), file('local/f', 'x')], 'made/on/the/way/f'],
    ['to the root', [sym('/', 'local'), file('local/f', 'x')], 'f'],
    ['dots in the name', [dir('etc'), file('a/../../../etc/f', 'x')], 'etc/f'],
    ['absolute name', [file('/etc/f', 'x')], 'etc/f'],
    ['slashes and dots', [file('.//././/etc//./f', 'x')], 'etc/f'],
  ])('%s', async (_, members, path) => {
    await apply(...members);
    expect(await text(path)).toBe('x');
  });

  test('to an existing directory outside: one of that name is made inside', async () => {
    await apply(sym(at('outside'), 'local'), file('local/victim', 'inside'), file('local/new', 'inside'));
    expect(await text(join('local/victim'))).not.toBe('inside');
    expect(await text(at('outside', 'victim'))).toBe('inside');
  });

  test('to itself, or around in circles, is refused', async () => {
    await expect(apply(sym('self', 'self'), file('self/f'))).rejects.toThrow('ELOOP');
    await expect(apply(sym('b', 'a'), sym('a', 'b'), file('a/f'))).rejects.toThrow('ELOOP');
  });

  test('through a file is refused', async () => {
    await expect(apply(file('a'), file('a/b'))).rejects.toMatchObject({ kind: 'invalid-argument' });
  });
});

describe('entries replace links rather than follow them', () => {
  test('a file over a link', async () => {
    await apply(sym(at('outside/victim'), 'f'), file('f', 'mine', 0o777));
    expect((await lstat(inRoot('f'))).isFile()).toBe(true);
  });

  test('a directory over a link, and the other way round', async () => {
    await mkdir(inRoot('etc'));
    await writeFile(inRoot('etc/passwd'), 'inside');
    await symlink('/etc', inRoot('a'));
    await mkdir(inRoot('b'));
    await apply(dir('a/'), hardLink('/etc/passwd', '/a/p'), sym('/etc', 'b'), hardLink('/etc/passwd', '/b/q'));
    await expectSameFile('a/p', 'etc/passwd');
    await expectSameFile('etc/q', 'etc/passwd');
    expect((await lstat(inRoot('a'))).isDirectory()).toBe(true);
    expect((await lstat(inRoot('b'))).isSymbolicLink()).toBe(true);
  });

  test('a directory that was written to, replaced by a link, and back', async () => {
    const [a, b, c] = ['012', '345', '678'].map((content) => file('foo/tmp/f', content)) as [
      TarMember,
      TarMember,
      TarMember,
    ];
    await apply(dir('foo'), dir('foo/tmp'), a, sym('/', 'foo'), b, dir('foo'), dir('foo/tmp'), c);
    expect(await text('foo/tmp/f')).toBe('678');
    expect(await text('tmp/f')).toBe('345');
  });

  test('a device or fifo over a link', async () => {
    await apply(
      sym(at('outside/victim'), 'n'),
      { name: 'n', type: '3', device: [1, 3], mode: 0o666 },
      sym(at('outside/victim'), 'p'),
      { name: 'p', type: '6', mode: 0o666 },
    );
    expect((await lstat(inRoot('n'))).isCharacterDevice()).toBe(true);
    expect((await lstat(inRoot('p'))).isFIFO()).toBe(true);
  });

  test('a file over a hard link to something inside leaves that alone', async () => {
    await mkdir(inRoot('etc'));
    await writeFile(inRoot('etc/passwd'), 'inside');
    await link(inRoot('etc/passwd'), inRoot('other'));
    await apply(file('other', 'different'));
    expect(await text('etc/passwd')).toBe('inside');
  });
});

describe('hard links', () => {
  const passwd = [dir('etc', 0o770), file('/etc/passwd', 'inside')];

  test.each<[string, TarMember[], string]>([
    ['relative', [dir('b'), sym('../../etc', 'b/d'), hardLink('/b/d/passwd', 'b/mine')], 'b/mine'],
    ['down and out', [dir('b'), sym('../down/../../etc', 'b/d'), hardLink('/b/d/passwd', 'b/mine')], 'b/mine'],
    ['absolute link in the way', [sym('/etc', 'local'), hardLink('/local/passwd', 'mine')], 'mine'],
    ['long relative link in the way', [sym('../../../../../etc', 'local'), hardLink('/local/passwd', 'mine')], 'mine'],
    ['link up and out', [sym('upandout/../../../etc', 'local'), hardLink('/local/passwd', 'mine')], 'mine'],
    ['direct relative', [hardLink('../../../../../etc/passwd', 'mine')], 'mine'],
    ['direct absolute', [hardLink('/etc/passwd', 'mine')], 'mine'],
    ['link called ..', [sym('/etc/', '..'), hardLink('/etc/passwd', 'mine')], 'mine'],
    ['link without a name', [sym('/etc/', ''), hardLink('/etc/passwd', 'mine')], 'mine'],
    ['link with .. at its end', [sym('/etc/', 'local/sub/..'), hardLink('/etc/passwd', '/local/mine')], 'etc/mine'],
    ['directory with a slash at its end', [dir('local/', 0o770), hardLink('/etc/passwd', '/local/mine')], 'local/mine'],
  ])('%s', async (_, members, path) => {
    await apply(...passwd, ...members);
    await expectSameFile(path, 'etc/passwd');
  });

  test('to a symbolic link: the link itself gets another name, whose mode is not set through it', async () => {
    await apply(
      ...passwd,
      sym('../../../../etc/passwd', 'first'),
      { ...hardLink('/first', 'second'), mode: 0o777, uid: 1, gid: 1 },
      sym(at('outside/victim'), 'out'),
      { ...hardLink('out', 'sketchy'), mode: 0o777 },
    );
    expect(await readlink(inRoot('second'))).toBe('../../../../etc/passwd');
    expect((await lstat(inRoot('second'))).ino).toBe((await lstat(inRoot('first'))).ino);
    expect((await stat(inRoot('etc/passwd'))).uid).toBe(0);
    expect((await lstat(inRoot('sketchy'))).isSymbolicLink()).toBe(true);
  });

  test('outside, to the root, or to a directory is refused', async () => {
    await expect(apply(hardLink(at('outside/victim'), 'mine'))).rejects.toMatchObject({ kind: 'not-found' });
    await expect(apply(hardLink('/', 'mine'))).rejects.toMatchObject({ kind: 'permission-denied' });
    await expect(apply(dir('d'), hardLink('d', 'mine'))).rejects.toMatchObject({ kind: 'permission-denied' });
  });

  test('to oneself fails, as the file is gone by then', async () => {
    await expect(apply(file('a'), hardLink('a', 'a'))).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('attributes', () => {
  test('of a link go to the link', async () => {
    await apply({ ...sym(at('outside/victim'), 'l'), mode: 0o777, uid: 77, gid: 78, mtime: 5 });
    const status = await lstat(inRoot('l'));
    expect([status.uid, status.gid, status.mtimeMs]).toEqual([77, 78, 5000]);
  });

  test('of a directory that has become a link go nowhere', async () => {
    await apply({ ...dir('d'), mtime: 5 }, sym(at('outside'), 'd'));
    await apply({ ...dir('e/inner'), mtime: 5 }, sym(at('outside'), 'e'));
    expect((await lstat(inRoot('d'))).isSymbolicLink()).toBe(true);
  });
});

test('names that differ only in Unicode normalization, or in nothing a file system sees, stay apart', async () => {
  const [nfc, nfd] = ['\u00e9', 'e\u0301'];
  await apply(
    { ...sym('/a', 'x'), pax: { path: nfc } },
    { ...dir('x'), pax: { path: nfd } },
    { ...file('x', 'here'), pax: { path: `${nfd}/f` } },
  );
  expect((await lstat(inRoot(nfc))).isSymbolicLink()).toBe(true);
  expect(await text(`${nfd}/f`)).toBe('here');
  expect((await readdir(root)).sort()).toEqual([nfc, nfd].sort());
});

test('directories swapped for links all the while: nothing outside is touched', async () => {
  const count = 2000;
  const members = Array.from({ length: count }, (_, i) => file(`a/b/f${i}`, 'x', 0o777));
  await writeFile(at('layer'), tarOf(dir('a'), dir('a/b'), ...members));
  await mkdir(inRoot('a/b'), { recursive: true });
  const before = await describeTree(at('outside'));
  let done = false;
  let swaps = 0;
  // A directory and a link to the outside take turns under the name the layer writes to.
  const swapping = (async () => {
    while (!done) {
      await rename(inRoot('a/b'), at('aside')).catch(() => {});
      await symlink(at('outside'), inRoot('a/b')).then(
        () => swaps++,
        () => {},
      );
      await sys.removeTree(inRoot('a/b')).catch(() => {});
      await rename(at('aside'), inRoot('a/b')).catch(() => {});
    }
  })();
  for (let round = 0; round < 10; round++) {
    await sys.applyLayer({ source: { path: at('layer') }, target: root, whiteouts: 'plain' }).catch(() => {});
  }
  done = true;
  await swapping;
  expect(swaps).toBeGreaterThan(10);
  expect(await describeTree(at('outside'))).toEqual(before);
});

test('modes of what is outside are not changed through names made by chmod tricks', async () => {
  await chmod(at('outside'), 0o711);
  await apply(sym(at('outside'), 'd'), { ...hardLink('d', 'h'), mode: 0o777 }, { ...dir('d/.'), mode: 0o777 });
  expect((await stat(at('outside'))).mode & 0o777).toBe(0o711);
});
