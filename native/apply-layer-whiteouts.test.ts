import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sys } from './sys.ts';
import { member, type TarMember, tarOf } from './tar-fixture.ts';
import { attributesOf, describeTree } from './tree-fixture.ts';

let directory: string;
const at = (...names: string[]) => join(directory, ...names);
const { file, directory: dir, symlink: sym } = member;
const whiteout = (name: string): TarMember => ({ name, body: '', mode: 0o644, uid: 3, gid: 4 });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-whiteout-'));
});

afterEach(async () => {
  await sys.unmountRecursive(directory);
  await sys.removeTree(directory);
});

/** The lower layer every test starts from. */
const base = [
  dir('etc'),
  file('etc/passwd', 'base'),
  file('etc/gone', 'base'),
  dir('lib'),
  file('lib/one', 'base'),
  dir('lib/deep'),
  file('lib/deep/two', 'base'),
  sym('etc', 'link'),
];

async function apply(target: string, whiteouts: 'plain' | 'overlay' | 'overlay-userxattr', ...members: TarMember[]) {
  await mkdir(target, { recursive: true });
  await writeFile(at('layer'), tarOf(...members));
  const parents = existsSync(at('lower')) && whiteouts !== 'plain' ? [at('lower')] : [];
  return sys.applyLayer({ source: { path: at('layer') }, target, whiteouts, parents });
}

function paths(root: string): string[] {
  // Fails, unlike readdir, if something is listed but not there.
  const found = execFileSync('find', [root, '-mindepth', '1', '-printf', '%P\\n%s\\n'], { encoding: 'utf8' });
  return found
    .split('\n')
    .filter((_, i) => i % 2 === 0 && i < found.split('\n').length - 1)
    .sort();
}

type Mode = 'plain' | 'overlay' | 'overlay-userxattr';

/** What a container would see of `base` with a layer on top. */
async function seen(mode: Mode, ...members: TarMember[]): Promise<string[]> {
  await apply(at('lower'), 'plain', ...base);
  if (mode === 'plain') {
    await apply(at('lower'), 'plain', ...members);
    return paths(at('lower'));
  }
  await apply(at('upper'), mode, ...members);
  await mkdir(at('merged'));
  const options = [`lowerdir=${at('upper')}:${at('lower')}`];
  if (mode === 'overlay-userxattr') options.push('userxattr');
  await sys.mount({ type: 'overlay', source: 'overlay', target: at('merged'), options });
  return paths(at('merged'));
}

describe.each<Mode>(['plain', 'overlay', 'overlay-userxattr'])('whiteouts, %s', (mode) => {
  test.each<[string, TarMember[], string[]]>([
    ['a file', [whiteout('etc/.wh.gone')], ['etc', 'etc/passwd', 'lib', 'lib/deep', 'lib/deep/two', 'lib/one', 'link']],
    ['a directory with all in it', [whiteout('.wh.lib')], ['etc', 'etc/gone', 'etc/passwd', 'link']],
    [
      'a symbolic link, not what it leads to',
      [whiteout('.wh.link')],
      ['etc', 'etc/gone', 'etc/passwd', 'lib', 'lib/deep', 'lib/deep/two', 'lib/one'],
    ],
    [
      'nothing',
      [whiteout('.wh.nothing'), whiteout('no/such/.wh.path')],
      ['etc', 'etc/gone', 'etc/passwd', 'lib', 'lib/deep', 'lib/deep/two', 'lib/one', 'link', 'no', 'no/such'],
    ],
    [
      'an opaque directory, marked first',
      [dir('lib'), whiteout('lib/.wh..wh..opq'), file('lib/new')],
      ['etc', 'etc/gone', 'etc/passwd', 'lib', 'lib/new', 'link'],
    ],
    [
      'an opaque directory, marked last, with implied directories',
      [file('lib/deep/new'), file('lib/new'), whiteout('lib/.wh..wh..opq')],
      ['etc', 'etc/gone', 'etc/passwd', 'lib', 'lib/deep', 'lib/deep/new', 'lib/new', 'link'],
    ],
    [
      'a directory deleted and made anew',
      [whiteout('.wh.lib'), dir('lib'), file('lib/new')],
      ['etc', 'etc/gone', 'etc/passwd', 'lib', 'lib/new', 'link'],
    ],
    [
      'a directory made anew, with its deletion told afterwards',
      [dir('lib'), file('lib/new'), whiteout('.wh.lib')],
      ['etc', 'etc/gone', 'etc/passwd', 'lib', 'lib/new', 'link'],
    ],
    [
      'a file replaced, with its deletion told before or after',
      [whiteout('etc/.wh.gone'), file('etc/gone', 'new'), file('etc/passwd', 'new'), whiteout('etc/.wh.passwd')],
      ['etc', 'etc/gone', 'etc/passwd', 'lib', 'lib/deep', 'lib/deep/two', 'lib/one', 'link'],
    ],
    ['everything', [file('etc/new'), whiteout('.wh..wh..opq'), file('new')], ['etc', 'etc/new', 'new']],
    [
      'what AUFS leaves behind',
      [whiteout('.wh..wh.aufs'), dir('.wh..wh.plnk'), whiteout('.wh..wh.orph')],
      ['etc', 'etc/gone', 'etc/passwd', 'lib', 'lib/deep', 'lib/deep/two', 'lib/one', 'link'],
    ],
    [
      'a whiteout is a name, not a type',
      [dir('etc/.wh.gone'), file('.wh.lib', 'with data')],
      ['etc', 'etc/passwd', 'link'],
    ],
  ])('%s', async (_, members, expected) => {
    expect(await seen(mode, ...members)).toEqual(expected);
  });

  test('what the same layer brings has its own content', async () => {
    await seen(
      mode,
      whiteout('etc/.wh.gone'),
      file('etc/gone', 'new'),
      file('lib/one', 'new'),
      whiteout('lib/.wh.one'),
    );
    const root = mode === 'plain' ? at('lower') : at('merged');
    for (const path of ['etc/gone', 'lib/one']) expect(await readFile(join(root, path), 'utf8')).toBe('new');
  });

  test('names that would reach further are refused', async () => {
    await apply(at('lower'), 'plain', ...base);
    const before = await describeTree(at('lower'));
    for (const name of ['.wh.', '.wh..', '.wh...', 'etc/.wh.', 'etc/.wh..', 'etc/.wh...']) {
      await expect(apply(at('lower'), mode, whiteout(name))).rejects.toMatchObject({
        kind: 'invalid-argument',
        message: expect.stringContaining('invalid whiteout name'),
      });
    }
    expect(await describeTree(at('lower'))).toEqual(before);
  });
});

test('below a directory that looks like a whiteout, files are files', async () => {
  await apply(at('lower'), 'plain', ...base, file('.wh.etc/some', 'text'));
  expect(await readFile(at('lower', '.wh.etc', 'some'), 'utf8')).toBe('text');
  expect(await readFile(at('lower', 'etc', 'passwd'), 'utf8')).toBe('base');
});

test('through a link, the deletion is of what the link leads to inside the root', async () => {
  await apply(at('lower'), 'plain', ...base);
  await mkdir(at('outside'));
  await writeFile(at('outside', 'gone'), '');
  await symlink(at('outside'), at('lower', 'out'));
  await apply(at('lower'), 'plain', whiteout('link/.wh.gone'), whiteout('out/.wh.gone'), whiteout('out/.wh..wh..opq'));
  expect(await readdir(at('outside'))).toEqual(['gone']);
  expect(await readdir(at('lower', 'etc'))).toEqual(['passwd']);
});

test('overlay form: a device 0:0 with the owner of the entry, and opaque marks', async () => {
  await apply(at('lower'), 'plain', ...base);
  await apply(at('upper'), 'overlay', whiteout('etc/.wh.gone'), whiteout('lib/.wh..wh..opq'));
  const status = await lstat(at('upper', 'etc', 'gone'));
  expect([status.isCharacterDevice(), status.rdev, status.uid, status.gid]).toEqual([true, 0, 3, 4]);
  expect(attributesOf(at('upper', 'lib'))).toEqual(['trusted.overlay.opaque=0x79']);
  expect(attributesOf(at('upper', 'etc'))).toEqual(['trusted.overlay.origin=0x']);
  await apply(at('user'), 'overlay-userxattr', whiteout('lib/.wh..wh..opq'));
  expect(attributesOf(at('user', 'lib'))).toEqual(['user.overlay.opaque=0x79']);
});

test('overlay form: a whiteout replaces what an earlier layer wrote to the same directory', async () => {
  await apply(at('upper'), 'overlay', ...base);
  await apply(at('upper'), 'overlay', whiteout('.wh.lib'), whiteout('etc/.wh..wh..opq'));
  expect((await lstat(at('upper', 'lib'))).isCharacterDevice()).toBe(true);
  expect(await readdir(at('upper', 'etc'))).toEqual([]);
});

test('an opaque root is reported', async () => {
  await apply(at('lower'), 'plain', ...base);
  const applied = await apply(at('upper'), 'overlay', whiteout('.wh..wh..opq'), file('new'));
  expect(applied.opaqueRoot).toBe(true);
  expect((await apply(at('lower'), 'plain', whiteout('.wh..wh..opq'), file('new'))).opaqueRoot).toBe(true);
  expect(await readdir(at('lower'))).toEqual(['new']);
});

test('implied directories have the attributes they have in the nearest layer below', async () => {
  const pax = { 'SCHILY.xattr.user.colour': 'red' };
  const owned = (name: string, mode: number): TarMember => ({ ...dir(name, mode), uid: 11, gid: 12, mtime: 1234, pax });
  await apply(at('far'), 'plain', owned('a', 0o2750), owned('a/b', 0o1777), file('was', 'a file'));
  await apply(at('near'), 'plain', { ...owned('a', 0o700), uid: 21 }, file('now/f'));
  await writeFile(at('layer'), tarOf(file('a/b/f'), file('was/f'), file('now/g'), file('new/f')));
  await mkdir(at('upper'));
  await sys.applyLayer({
    source: { path: at('layer') },
    target: at('upper'),
    whiteouts: 'overlay',
    parents: [at('near'), at('far')],
  });
  const describe = async (path: string) => {
    const { uid, gid, mode } = await lstat(at('upper', path));
    return [uid, gid, (mode & 0o7777).toString(8), ...attributesOf(at('upper', path))];
  };
  expect(await describe('a')).toEqual([21, 12, '700', 'user.colour=0x726564']);
  expect(await describe('a/b')).toEqual([11, 12, '1777', 'user.colour=0x726564']);
  for (const path of ['was', 'now', 'new']) expect(await describe(path)).toEqual([0, 0, '755']);
});
