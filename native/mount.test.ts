import { execFileSync } from 'node:child_process';
import {
  access,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  statfs,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MountStyle, mount } from './mount.ts';
import type { MountInfo } from './mountinfo.ts';
import { errnoOf, sys } from './sys.ts';

let directory: string;
const at = (...names: string[]) => join(directory, ...names);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-mount-'));
  for (const name of ['a', 'b', 'upper', 'work', 'target']) await mkdir(at(name));
});

afterEach(async () => {
  await sys.unmountRecursive(directory);
  await rm(directory, { recursive: true });
});

async function mountAt(target: string): Promise<MountInfo> {
  const found = (await sys.mountInfo()).findLast((each) => each.target === target);
  if (found === undefined) throw new Error(`nothing is mounted at ${target}`);
  return found;
}

describe.each<MountStyle>(['new', 'classic'])('mount, %s calls', (style) => {
  test('a tmpfs with flags and options', async () => {
    const options = ['nosuid', 'nodev', 'noexec', 'noatime', 'ro', 'size=64k,mode=0711'];
    await mount({ type: 'tmpfs', source: 'shelf', target: at('target'), options }, style);
    const info = await mountAt(at('target'));
    expect(info).toMatchObject({ type: 'tmpfs', source: 'shelf', root: '/' });
    expect(info.options).toEqual(expect.arrayContaining(['ro', 'nosuid', 'nodev', 'noexec', 'noatime']));
    expect(info.superOptions).toEqual(expect.arrayContaining(['ro', 'size=64k', 'mode=711']));
    const { blocks, bsize } = await statfs(at('target'));
    expect(blocks * bsize).toBe(65536);
  });

  test('the last of contradicting options wins', async () => {
    const options = ['ro', 'rw', 'nosuid', 'suid', 'noexec', 'exec', 'size=64k'];
    await mount({ type: 'tmpfs', source: 'tmpfs', target: at('target'), options }, style);
    const info = await mountAt(at('target'));
    expect(info.options).toContain('rw');
    expect(info.options).not.toContain('nosuid');
    expect(info.options).not.toContain('noexec');
  });

  test('a read-only bind refuses writes while its source takes them', async () => {
    await mount({ type: 'bind', source: at('a'), target: at('target'), options: ['rbind', 'ro'] }, style);
    await writeFile(at('a', 'file'), 'x');
    expect(await readFile(at('target', 'file'), 'utf8')).toBe('x');
    await expect(writeFile(at('target', 'file'), 'y')).rejects.toThrow('EROFS');
  });

  test('bind leaves out mounts below the source, rbind takes them along', async () => {
    await mkdir(at('a', 'inner'));
    await mount({ type: 'tmpfs', source: 'tmpfs', target: at('a', 'inner'), options: [] }, style);
    await writeFile(at('a', 'inner', 'file'), 'x');
    await mount({ type: '', source: at('a'), target: at('target'), options: ['bind'] }, style);
    await expect(access(at('target', 'inner', 'file'))).rejects.toThrow('ENOENT');
    await mount({ type: '', source: at('a'), target: at('b'), options: ['rbind'] }, style);
    await access(at('b', 'inner', 'file'));
  });

  test('propagation is changed after mounting', async () => {
    const options = ['size=64k', 'rslave', 'shared'];
    await mount({ type: 'tmpfs', source: 'tmpfs', target: at('target'), options }, style);
    expect((await mountAt(at('target'))).optional).toEqual([expect.stringMatching(/^shared:/)]);
    await mount({ type: '', source: '', target: at('target'), options: ['private', 'remount', 'ro'] }, style);
    const info = await mountAt(at('target'));
    expect(info.optional).toEqual([]);
    expect(info.options).toContain('ro');
  });

  test('an overlay of directories shows their union and writes to the upper one', async () => {
    await writeFile(at('a', 'one'), 'low');
    await writeFile(at('b', 'two'), 'high');
    const options = [`lowerdir=${at('b')}:${at('a')}`, `upperdir=${at('upper')}`, `workdir=${at('work')}`, 'index=off'];
    await mount({ type: 'overlay', source: 'overlay', target: at('target'), options }, style);
    expect(await readFile(at('target', 'one'), 'utf8')).toBe('low');
    await writeFile(at('target', 'one'), 'changed');
    expect(await readFile(at('upper', 'one'), 'utf8')).toBe('changed');
    expect(await readFile(at('a', 'one'), 'utf8')).toBe('low');
  });

  test('a missing target, type or source is told by errno', async () => {
    const tmpfs = { type: 'tmpfs', source: 'tmpfs', options: [] };
    const missing = mount({ ...tmpfs, target: at('missing') }, style);
    await expect(missing).rejects.toMatchObject({ kind: 'not-found' });
    await expect(missing).rejects.toThrow(`${at('missing')}: no such file or directory (ENOENT)`);
    const unknown = mount({ type: 'nosuchfs', source: 'x', target: at('target'), options: [] }, style);
    expect(errnoOf(await unknown.catch((error) => error))).toBe('ENODEV');
    const source = mount({ type: 'bind', source: at('gone'), target: at('target'), options: ['bind'] }, style);
    expect(errnoOf(await source.catch((error) => error))).toBe('ENOENT');
  });

  test('120 lower directories do not fit into a page and are mounted all the same', async () => {
    const layers = Array.from({ length: 120 }, (_, i) => at('layers', `${i}-${'x'.repeat(20)}`));
    for (const [i, layer] of layers.entries()) {
      await mkdir(layer, { recursive: true });
      await writeFile(join(layer, `file${i}`), '');
      await writeFile(join(layer, 'shared'), `${i}`);
    }
    const options = [`lowerdir=${layers.join(':')}`];
    expect(options.join(',').length).toBeGreaterThan(4096);
    await mount({ type: 'overlay', source: 'overlay', target: at('target'), options }, style);
    for (let i = 0; i < layers.length; i++) await access(at('target', `file${i}`));
    expect(await readFile(at('target', 'shared'), 'utf8')).toBe('0');
  });
});

test('400 lower directories, more than a page even when written relative', async () => {
  const layers = Array.from({ length: 400 }, (_, i) => at('layers', `${i}-${'x'.repeat(20)}`));
  await mkdir(at('layers'));
  for (const [i, layer] of layers.entries()) {
    await mkdir(layer);
    await writeFile(join(layer, `file${i}`), '');
  }
  await sys.mount({
    type: 'overlay',
    source: 'overlay',
    target: at('target'),
    options: [`lowerdir=${layers.join(':')}`],
  });
  for (let i = 0; i < layers.length; i++) await access(at('target', `file${i}`));
});

test('overlay directories with a colon, a comma, and more than 255 bytes in their names', async () => {
  const long = at('l'.repeat(150), 'm'.repeat(150));
  const odd = at('with:colon');
  await mkdir(long, { recursive: true });
  await mkdir(odd);
  await mkdir(at('work,2'));
  await writeFile(join(odd, 'odd'), '');
  const lower = `lowerdir=${odd.replaceAll(':', '\\:')}:${at('a')}`;
  const work = `workdir=${join(long, '..', 'w')}`;
  await mkdir(join(long, '..', 'w'));
  await sys.mount({
    type: 'overlay',
    source: 'overlay',
    target: at('target'),
    options: [lower, `upperdir=${long}`, work],
  });
  await access(at('target', 'odd'));
  await writeFile(at('target', 'new'), '');
  await access(join(long, 'new'));
});

test('a wrong overlay option fails with the words of the kernel', async () => {
  const options = [`lowerdir=${at('a')}:${at('b')}`, 'nonsense=1'];
  const failing = sys.mount({ type: 'overlay', source: 'overlay', target: at('target'), options });
  await expect(failing).rejects.toMatchObject({ kind: 'invalid-argument' });
  await expect(failing).rejects.toThrow(/EINVAL.*nonsense/);
});

test('options of a mount manager and loop devices are refused', async () => {
  const request = { type: 'tmpfs', source: 'tmpfs', target: at('target') };
  await expect(sys.mount({ ...request, options: ['X-containerd.mkfs'] })).rejects.toMatchObject({
    kind: 'invalid-argument',
  });
  for (const options of [['loop'], ['uidmap=0:1000:1', 'gidmap=0:1000:1']]) {
    await expect(sys.mount({ ...request, options })).rejects.toMatchObject({ kind: 'unimplemented' });
  }
});

describe.each<MountStyle>(['new', 'classic'])('id maps, %s calls', (style) => {
  const maps = ['uidmap=0:100000:1000,5000:0:1', 'gidmap=0:200000:1000'];
  const ownerOf = async (...names: string[]) => {
    const { uid, gid } = await stat(at(...names));
    return [uid, gid];
  };

  test('a bind mount shows mapped owners and its source does not', async () => {
    for (const [name, uid, gid] of [
      ['mapped', 7, 8],
      ['swapped', 5000, 0],
      ['nobody', 2000, 8],
    ] as const) {
      await writeFile(at('a', name), '');
      await chown(at('a', name), uid, gid);
    }
    await mount({ type: 'bind', source: at('a'), target: at('target'), options: [...maps, 'rw', 'rbind'] }, style);
    expect(await ownerOf('target', 'mapped')).toEqual([100007, 200008]);
    expect(await ownerOf('target', 'swapped')).toEqual([0, 200000]);
    expect(await ownerOf('target', 'nobody')).toEqual([65534, 200008]);
    expect(await ownerOf('a', 'mapped')).toEqual([7, 8]);
  });

  test('many at once do not wait for each other', async () => {
    const targets = Array.from({ length: 24 }, (_, number) => at('b', `${number}`));
    await Promise.all(targets.map((target) => mkdir(target, { recursive: true })));
    const bind = (target: string) => ({ type: 'bind', source: at('a'), target, options: [...maps, 'rw', 'rbind'] });
    await Promise.all(targets.map((target) => mount(bind(target), style)));
    for (const target of targets) await sys.unmount(target);
  });

  test('an overlay shows mapped owners of its lower directories and keeps nothing else mounted', async () => {
    await mkdir(at('b:c'));
    for (const layer of ['a', 'b:c']) {
      await writeFile(at(layer, layer), '');
      await chown(at(layer, layer), 7, 8);
    }
    const lower = `lowerdir=${at('b\\:c')}:${at('a')}`;
    const options = [...maps, 'index=off', lower, `upperdir=${at('upper')}`, `workdir=${at('work')}`];
    await mount({ type: 'overlay', source: 'overlay', target: at('target'), options }, style);
    for (const layer of ['a', 'b:c']) expect(await ownerOf('target', layer)).toEqual([100007, 200008]);
    expect(await ownerOf('a', 'a')).toEqual([7, 8]);
    expect(await readdir(directory)).not.toContainEqual(expect.stringContaining('idmapped'));
    const mounted = (await sys.mountInfo()).filter((each) => each.target.startsWith(directory));
    expect(mounted.map(({ target }) => target)).toEqual([at('target')]);
  });

  test('what fails under an id map leaves nothing mounted', async () => {
    const bad = { type: 'overlay', source: 'overlay', target: at('target') };
    const options = [...maps, `lowerdir=${at('a')}:${at('missing')}`];
    await expect(mount({ ...bad, options }, style)).rejects.toThrow('ENOENT');
    expect(await readdir(directory)).not.toContainEqual(expect.stringContaining('idmapped'));
    expect((await sys.mountInfo()).filter((each) => each.target.startsWith(directory))).toEqual([]);
  });
});

describe('mountAll', () => {
  const tmpfs = (target: string) => ({ type: 'tmpfs', source: 'tmpfs', target, options: [] });

  test('mounts below one another, targets relative to the root', async () => {
    await mkdir(at('a', 'in'));
    await sys.mountAll([{ type: 'bind', source: at('a'), target: '', options: ['bind'] }, tmpfs('/in')], at('target'));
    expect((await mountAt(at('target', 'in'))).type).toBe('tmpfs');
  });

  test('a failure, or a target that leads out, leaves nothing mounted', async () => {
    await symlink(at('b'), at('a', 'out'));
    const bind = { type: 'bind', source: at('a'), target: '', options: ['bind'] };
    await expect(sys.mountAll([bind, tmpfs('missing')], at('target'))).rejects.toThrow('ENOENT');
    await expect(sys.mountAll([bind, tmpfs('out')], at('target'))).rejects.toThrow('leads out of');
    expect((await sys.mountInfo()).filter((each) => each.target.startsWith(directory))).toEqual([]);
  });
});

describe('unmount', () => {
  const tmpfs = (target: string) => sys.mount({ type: 'tmpfs', source: 'tmpfs', target, options: [] });

  test('takes the topmost mount; nothing mounted is EINVAL', async () => {
    await tmpfs(at('target'));
    await writeFile(at('target', 'first'), '');
    await tmpfs(at('target'));
    await sys.unmount(at('target'));
    await access(at('target', 'first'));
    await sys.unmount(at('target'));
    await expect(sys.unmount(at('target'))).rejects.toThrow(`umount2 ${at('target')}: invalid argument (EINVAL)`);
  });

  test('all takes the whole stack, and nothing is well', async () => {
    for (let i = 0; i < 3; i++) await tmpfs(at('target'));
    await sys.unmountAll(at('target'));
    await sys.unmountAll(at('target'));
    await sys.unmountAll(at('missing'));
    await expect(mountAt(at('target'))).rejects.toThrow();
  });

  test('recursive takes mounts on and below, whatever is in their names', async () => {
    await tmpfs(at('target'));
    await mkdir(at('target', 'in ner\n'));
    await tmpfs(at('target', 'in ner\n'));
    await mkdir(at('target', 'in ner\n', 'deep'));
    await tmpfs(at('target', 'in ner\n', 'deep'));
    await tmpfs(at('target', 'in ner\n', 'deep'));
    await tmpfs(at('a'));
    await sys.unmountRecursive(at('target'));
    const targets = (await sys.mountInfo()).map((each) => each.target).filter((each) => each.startsWith(directory));
    expect(targets).toEqual([at('a')]);
    await sys.unmountRecursive(at('missing'));
  });

  test('a busy mount fails, is waited for, or is detached', async () => {
    await tmpfs(at('target'));
    const before = process.cwd();
    process.chdir(at('target'));
    try {
      await expect(sys.unmount(at('target'))).rejects.toMatchObject({ kind: 'failed-precondition' });
      const waiting = sys.unmount(at('target'), { busyTimeoutMs: 20_000 });
      process.chdir(before);
      await waiting;
      await tmpfs(at('target'));
      process.chdir(at('target'));
      await sys.unmount(at('target'), { detach: true });
      await expect(mountAt(at('target'))).rejects.toThrow();
    } finally {
      process.chdir(before);
    }
  });

  test('noFollow does not unmount through a symbolic link', async () => {
    await tmpfs(at('target'));
    await symlink(at('target'), at('link'));
    await expect(sys.unmount(at('link'), { noFollow: true })).rejects.toThrow('EINVAL');
    await sys.unmount(at('link'));
  });
});

test('mountinfo agrees with findmnt', async () => {
  await sys.mount({ type: 'tmpfs', source: 'my source', target: at('target'), options: ['nosuid'] });
  const found = execFileSync('findmnt', ['-n', '-o', 'FSTYPE,SOURCE', at('target')], { encoding: 'utf8' });
  const info = await mountAt(at('target'));
  expect(found.trim()).toBe(`${info.type}  ${info.source}`);
});
