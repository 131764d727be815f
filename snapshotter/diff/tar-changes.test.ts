import { execFile } from 'node:child_process';
import { chmod, chown, link, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { extract, type Header } from 'tar-stream';
import { expect, onTestFinished, test } from 'vitest';
import { changesBetween } from './changes.ts';
import { tarOfChanges } from './tar-changes.ts';

type Steps = (root: string) => Promise<unknown>;
type Member = Header & { content: string };

const plain = { extendedAttributes: () => new Map<string, Buffer>() };

/** The layer of what `change` does to a copy of what `base` makes. */
async function layerOf(base: Steps, change: Steps, options: { sys?: typeof plain; latestMtimeNs?: bigint } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'gt-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const [lower, upper] = [join(directory, 'lower'), join(directory, 'upper')];
  await mkdir(lower);
  await base(lower);
  // Node's own copy cuts times to milliseconds.
  await promisify(execFile)('cp', ['-a', lower, upper]);
  await change(upper);
  const sys = options.sys ?? plain;
  return Buffer.concat([...tarOfChanges(sys, changesBetween(sys, { lower, upper }), options)]);
}

async function membersOf(layer: Buffer): Promise<Member[]> {
  const members: Member[] = [];
  const archive = extract();
  archive.on('entry', (header, stream, next) => {
    buffer(stream).then((content) => {
      members.push({ ...header, content: content.toString() });
      next();
    }, next);
  });
  await new Promise((resolve, reject) => {
    Readable.from([layer])
      .pipe(archive)
      .on('finish', () => resolve(undefined))
      .on('error', reject);
  });
  return members;
}

async function namesOf(base: Steps, change: Steps): Promise<string[]> {
  return (await membersOf(await layerOf(base, change))).map(({ name, type }) =>
    type === 'link' ? `${name} (link)` : name,
  );
}

const nothing: Steps = async () => undefined;
const write = (root: string, path: string, text = path) => writeFile(join(root, path), text);

async function tree(root: string): Promise<void> {
  await mkdir(join(root, 'a/b'), { recursive: true });
  for (const path of ['a/1', 'a/b/2', 'top']) await write(root, path);
}

test('equal trees make an empty archive', async () => {
  const layer = await layerOf(tree, nothing);
  expect(layer).toEqual(Buffer.alloc(1024));
});

test('an added file comes after the directories above it, which are told once', async () => {
  const names = await namesOf(tree, async (root) => {
    await write(root, 'a/b/3');
    await write(root, 'a/b/4');
    await mkdir(join(root, 'new'));
  });
  expect(names).toEqual(['a/', 'a/b/', 'a/b/3', 'a/b/4', 'new/']);
});

test('deleted files and directories become one whiteout each', async () => {
  const change = async (root: string) => {
    await rm(join(root, 'a/b'), { recursive: true });
    await rm(join(root, 'top'));
  };
  expect(await namesOf(tree, change)).toEqual(['a/', 'a/.wh.b', '.wh.top']);
});

test('a directory that became a file, and the reverse, need no whiteout', async () => {
  const change = async (root: string) => {
    await rm(join(root, 'a/b'), { recursive: true });
    await write(root, 'a/b');
    await rm(join(root, 'top'));
    await mkdir(join(root, 'top'));
    await write(root, 'top/in');
  };
  expect(await namesOf(tree, change)).toEqual(['a/', 'a/b', 'top/', 'top/in']);
});

test('a change of mode or owner is a change, a directory with a new time alone is none', async () => {
  const change = async (root: string) => {
    await chmod(join(root, 'a/1'), 0o4755);
    await chown(join(root, 'top'), 3_000_000, 7);
    await utimes(join(root, 'a/b'), 1, 1);
  };
  const layer = await layerOf(tree, change);
  expect((await membersOf(layer)).map(({ name, mode, gid }) => [name, mode, gid])).toEqual([
    ['a/', 0o755, 0],
    ['a/1', 0o4755, 0],
    ['top', 0o644, 7],
  ]);
  expect(layer.includes('15 uid=3000000\n')).toBe(true);
});

test('files of equal size and time differ only if the time is in whole seconds and the contents differ', async () => {
  const at = (seconds: number) => async (root: string, text: string) => {
    await write(root, 'f', text);
    await utimes(join(root, 'f'), seconds, seconds);
  };
  const whole = at(1000);
  expect(
    await namesOf(
      (root) => whole(root, 'one'),
      (root) => whole(root, 'two'),
    ),
  ).toEqual(['f']);
  expect(
    await namesOf(
      (root) => whole(root, 'one'),
      (root) => whole(root, 'one'),
    ),
  ).toEqual([]);
  const fine = at(1000.5);
  expect(
    await namesOf(
      (root) => fine(root, 'one'),
      (root) => fine(root, 'two'),
    ),
  ).toEqual([]);
});

test('names of one file stay names of one file, also those that have not changed', async () => {
  const base = async (root: string) => {
    await write(root, 'm');
    await link(join(root, 'm'), join(root, 'a'));
    await utimes(join(root, 'm'), 5, 5);
  };
  const change = async (root: string) => {
    await rm(join(root, 'a'));
    await link(join(root, 'm'), join(root, 'a'));
    await link(join(root, 'm'), join(root, 'z'));
  };
  const members = await membersOf(await layerOf(base, change));
  expect(members.map(({ name, type, linkname }) => [name, type, linkname])).toEqual([
    ['z', 'file', null],
    ['a', 'link', 'z'],
    ['m', 'link', 'z'],
  ]);
});

test('symbolic links keep their target, and nothing is read through them', async () => {
  const change = async (root: string) => {
    await symlink('/etc', join(root, 'out'));
    await rename(join(root, 'a'), join(root, 'moved'));
    await symlink('moved', join(root, 'a'));
  };
  const members = await membersOf(await layerOf(tree, change));
  expect(members.map(({ name, linkname }) => [name, linkname])).toEqual([
    ['a', 'moved'],
    ['moved/', null],
    ['moved/1', null],
    ['moved/b/', null],
    ['moved/b/2', null],
    ['out', '/etc'],
  ]);
});

test('long and non-ASCII names and large numbers survive', async () => {
  const long = `${'d'.repeat(120)}/${'ä'.repeat(100)}`;
  const change = async (root: string) => {
    await mkdir(join(root, 'd'.repeat(120)));
    await write(root, long, 'x');
    await symlink('t'.repeat(300), join(root, 'link'));
  };
  const members = await membersOf(await layerOf(nothing, change));
  expect(members.map(({ name }) => name)).toEqual([`${'d'.repeat(120)}/`, long, 'link']);
  expect(members.at(-1)?.linkname).toBe('t'.repeat(300));
});

test('capabilities of programs are told byte for byte', async () => {
  const capability = Buffer.from('0100000280ff000000000000000000000000000a', 'hex');
  const sys = { extendedAttributes: () => new Map([['security.capability', capability]]) };
  const layer = await layerOf(nothing, (root) => write(root, 'program'), { sys });
  const record = Buffer.concat([Buffer.from(' SCHILY.xattr.security.capability='), capability, Buffer.from('\n')]);
  expect(layer.includes(record)).toBe(true);
  expect((await membersOf(layer)).map(({ name }) => name)).toEqual(['program']);
});

test('no file is younger than allowed, and equal input makes equal bytes', async () => {
  const change = (root: string) => write(root, 'f');
  const first = await layerOf(nothing, change, { latestMtimeNs: 1_000_000_000_000_000n });
  const second = await layerOf(nothing, change, { latestMtimeNs: 1_000_000_000_000_000n });
  expect(first).toEqual(second);
  expect((await membersOf(first))[0]?.mtime).toEqual(new Date(1_000_000_000));
});
