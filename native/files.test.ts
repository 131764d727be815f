import { execFileSync } from 'node:child_process';
import {
  access,
  chmod,
  link,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  stat,
  statfs,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errnoOf, sys } from './sys.ts';

let directory: string;
const at = (...names: string[]) => join(directory, ...names);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gantry-files-'));
});

afterEach(async () => {
  await sys.unmountRecursive(directory);
  await sys.removeTree(directory);
});

async function mountTmpfs(target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  await sys.mount({ type: 'tmpfs', source: 'tmpfs', target, options: ['size=1m'] });
}

test('files, directories and file systems are synced; what is missing is not-found', async () => {
  await writeFile(at('file'), 'x');
  await sys.syncPath(at('file'));
  await sys.syncPath(directory);
  await sys.syncFileSystem(directory);
  await expect(sys.syncPath(at('none'))).rejects.toMatchObject({ kind: 'not-found' });
  await expect(sys.syncFileSystem(at('none'))).rejects.toThrow(
    `open ${at('none')}: no such file or directory (ENOENT)`,
  );
});

test('a name with a NUL is refused before it reaches the kernel', async () => {
  await expect(sys.syncPath('a\0b')).rejects.toMatchObject({ kind: 'invalid-argument' });
});

test('a fifo has the mode asked for, whatever the umask', async () => {
  await sys.makeFifo(at('fifo'), 0o722);
  const status = await stat(at('fifo'));
  expect(status.isFIFO()).toBe(true);
  expect(status.mode & 0o7777).toBe(0o722);
  await expect(sys.makeFifo(at('fifo'), 0o600)).rejects.toMatchObject({ kind: 'already-exists' });
});

describe('lockFile', () => {
  test('is exclusive until closed, and closing twice is well', async () => {
    const lock = await sys.lockFile(at('lock'));
    expect((await stat(at('lock'))).mode & 0o777).toBe(0o600);
    await expect(sys.lockFile(at('lock'))).rejects.toMatchObject({
      kind: 'failed-precondition',
      message: `${at('lock')} is locked by another process`,
    });
    lock.close();
    lock.close();
    using again = await sys.lockFile(at('lock'));
    expect(again.path).toBe(at('lock'));
  });

  test('keeps out other processes and is not inherited by children', async () => {
    const lock = await sys.lockFile(at('lock'));
    const flock = (...args: string[]) => execFileSync('flock', ['-n', at('lock'), ...args], { stdio: 'pipe' });
    expect(() => flock('true')).toThrow();
    const child = execFileSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' });
    expect(child).not.toContain(at('lock'));
    lock.close();
    flock('true');
  });

  test('refuses a symbolic link', async () => {
    await symlink(at('elsewhere'), at('lock'));
    await expect(sys.lockFile(at('lock'))).rejects.toThrow('ELOOP');
    await expect(access(at('elsewhere'))).rejects.toThrow();
  });
});

describe('readFileInRoot', () => {
  const read = (path: string, maxBytes = 100) => sys.readFileInRoot(at('root'), path, maxBytes).then(String);

  beforeEach(async () => {
    await mkdir(at('root', 'etc'), { recursive: true });
    await writeFile(at('root', 'etc', 'passwd'), 'inside');
    await writeFile(at('outside'), 'outside');
  });

  test('reads a file by absolute and relative name', async () => {
    expect(await read('/etc/passwd')).toBe('inside');
    expect(await read('etc/passwd')).toBe('inside');
    expect(await read('../../../etc/passwd')).toBe('inside');
  });

  test('resolves symbolic links as if the root were /', async () => {
    await symlink('/etc', at('root', 'absolute'));
    await symlink('../../../../etc/passwd', at('root', 'relative'));
    await symlink(at('outside'), at('root', 'escape'));
    expect(await read('/absolute/passwd')).toBe('inside');
    expect(await read('/relative')).toBe('inside');
    await expect(read('/escape')).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('reads exactly up to the limit', async () => {
    await writeFile(at('root', 'big'), Buffer.alloc(20_000, 'x'));
    expect((await read('big', 20_000)).length).toBe(20_000);
    await expect(read('big', 19_999)).rejects.toMatchObject({ kind: 'resource-exhausted' });
    expect(await read('etc/passwd', 6)).toBe('inside');
    await truncate(at('root', 'big'), 10 * 2 ** 30);
    await expect(read('big', 2 ** 20)).rejects.toThrow('EFBIG');
  });

  test('refuses directories, fifos, devices, and magic links', async () => {
    await sys.makeFifo(at('root', 'fifo'), 0o600);
    execFileSync('mknod', [at('root', 'zero'), 'c', '1', '5']);
    await mkdir(at('root', 'proc'));
    await sys.mount({ type: 'proc', source: 'proc', target: at('root', 'proc'), options: ['ro'] });
    for (const path of ['etc', 'fifo', 'zero']) {
      await expect(read(path)).rejects.toMatchObject({ kind: 'invalid-argument' });
    }
    await expect(read('/proc/self/cwd')).rejects.toThrow('ELOOP');
    expect(await read('/proc/version', 4096)).toContain('Linux');
  });
});

test('spreadDirectories marks a directory of ext4 and leaves any other as it is', async () => {
  const isExt4 = (await statfs(directory)).type === 0xef53;
  const marks = () => execFileSync('lsattr', ['-d', directory], { encoding: 'utf8' }).split(' ')[0];
  expect(await sys.spreadDirectories(directory)).toBe(isExt4);
  if (isExt4) expect(marks()).toContain('T');
  expect(await sys.spreadDirectories(directory)).toBe(isExt4);
  expect(await sys.spreadDirectories('/proc')).toBe(false);
  await expect(sys.spreadDirectories(at('missing'))).rejects.toMatchObject({ kind: 'not-found' });
});

test('makeDirectories makes each with its mode, whatever the umask, and stops at the first that cannot be', async () => {
  const umask = process.umask(0o077);
  try {
    await sys.makeDirectories([
      { path: at('d'), mode: 0o711 },
      { path: at('d', 'e'), mode: 0o1777 },
    ]);
  } finally {
    process.umask(umask);
  }
  expect((await stat(at('d'))).mode & 0o7777).toBe(0o711);
  expect((await stat(at('d', 'e'))).mode & 0o7777).toBe(0o1777);
  const again = [at('f'), at('d'), at('g')].map((path) => ({ path, mode: 0o755 }));
  await expect(sys.makeDirectories(again)).rejects.toMatchObject({ kind: 'already-exists' });
  await stat(at('f'));
  await expect(stat(at('g'))).rejects.toThrow('ENOENT');
});

describe('removeTree', () => {
  test('removes whatever the name stands for', async () => {
    await mkdir(at('tree', 'a', 'b'), { recursive: true });
    await writeFile(at('tree', 'a', 'file'), '');
    await sys.makeFifo(at('tree', 'a', 'b', 'fifo'), 0o600);
    await chmod(at('tree', 'a', 'b'), 0);
    await writeFile(at('file'), '');
    await sys.removeTree(`${at('tree')}/`);
    await sys.removeTree(at('file'));
    await sys.removeTree(at('file'));
    await sys.removeTree(at('none', 'at', 'all'));
    expect(await readdir(directory)).toEqual([]);
  });

  test('removes links, not what they lead to', async () => {
    await mkdir(at('kept'));
    await writeFile(at('kept', 'file'), 'x');
    await mkdir(at('tree'));
    await symlink(at('kept'), at('tree', 'link'));
    await symlink(at('kept'), at('top'));
    await sys.removeTree(at('tree'));
    await sys.removeTree(at('top'));
    expect(await readFile(at('kept', 'file'), 'utf8')).toBe('x');
    expect(await readdir(directory)).toEqual(['kept']);
  });

  test('never enters a mount, not even one of the same file system', async () => {
    await mkdir(at('kept'));
    await writeFile(at('kept', 'file'), '');
    await mkdir(at('tree', 'a', 'mount'), { recursive: true });
    await sys.mount({ type: 'bind', source: at('kept'), target: at('tree', 'a', 'mount'), options: ['bind'] });
    const failing = sys.removeTree(at('tree'));
    await expect(failing).rejects.toMatchObject({ kind: 'failed-precondition' });
    await expect(failing).rejects.toThrow(/EBUSY.*: a\/mount$/);
    await access(at('kept', 'file'));
    await expect(sys.removeTree(at('tree', 'a', 'mount'))).rejects.toThrow('EBUSY');
  });

  test('removes a tree deeper than any path, with few descriptors', async () => {
    // Beyond PATH_MAX only relative names reach, so a process of its own goes down step by step.
    const script = 'for (let i = 0; i < 3000; i++) { fs.mkdirSync(name); process.chdir(name); }';
    await mkdir(at('tree'));
    execFileSync(process.execPath, ['-e', `const name = 'd'.repeat(20); ${script}`], { cwd: at('tree') });
    const usage = await sys.diskUsage(at('tree'));
    expect(usage.inodes).toBe(3001);
    await sys.removeTree(at('tree'));
    expect(await readdir(directory)).toEqual([]);
  });

  test('refuses names that stand for no entry', async () => {
    for (const path of ['/', at('.'), `${at('x')}/..`, '']) {
      await expect(sys.removeTree(path === at('.') ? `${directory}/.` : path)).rejects.toMatchObject({
        kind: 'invalid-argument',
      });
    }
  });

  test('stops when aborted', async () => {
    await mkdir(at('tree'));
    for (let i = 0; i < 2000; i++) await writeFile(at('tree', `${i}`), '');
    const controller = new AbortController();
    const removing = sys.removeTree(at('tree'), { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(removing).rejects.toThrow('enough');
    await expect(sys.removeTree(at('tree'), { signal: controller.signal })).rejects.toThrow('enough');
  });
});

describe('removeEntries', () => {
  test('removes files and trees, and what is not there', async () => {
    await mkdir(at('tree', 'a'), { recursive: true });
    for (const name of ['file', 'kept', 'tree/a/file']) await writeFile(at(name), '');
    await sys.removeEntries(directory, ['file', 'none', 'tree']);
    expect(await readdir(directory)).toEqual(['kept']);
    await sys.removeEntries(directory, []);
    await sys.removeEntries(at('none'), ['file']);
  });

  test('goes on after a failure and reports the first', async () => {
    await mkdir(at('tree', 'mount'), { recursive: true });
    await mountTmpfs(at('tree', 'mount'));
    await writeFile(at('file'), '');
    const failing = sys.removeEntries(directory, ['tree', '', 'file']);
    await expect(failing).rejects.toMatchObject({ kind: 'failed-precondition' });
    await expect(failing).rejects.toThrow(/EBUSY.*: tree\/mount$/);
    expect(await readdir(directory)).toEqual(['tree']);
  });

  test.each(['', '.', '..', 'a/b', '../x'])('refuses %j, which is no entry', async (name) => {
    await expect(sys.removeEntries(directory, [name])).rejects.toMatchObject({ kind: 'invalid-argument' });
  });

  test('stops when aborted', async () => {
    const controller = new AbortController();
    const names = Array.from({ length: 2000 }, (_, number) => `${number}`);
    for (const name of names) await writeFile(at(name), '');
    const removing = sys.removeEntries(directory, names, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(removing).rejects.toThrow('enough');
  });
});

describe('diskUsage', () => {
  test('counts allocated space and each inode once, as du does', async () => {
    await mkdir(at('tree', 'sub'), { recursive: true });
    await writeFile(at('tree', 'file'), Buffer.alloc(100_000, 1));
    await link(at('tree', 'file'), at('tree', 'sub', 'again'));
    await writeFile(at('tree', 'sparse'), 'x');
    await truncate(at('tree', 'sparse'), 50_000_000);
    await symlink('/usr', at('tree', 'link'));
    const file = await open(at('tree', 'file'));
    await file.sync();
    await file.close();
    const du = execFileSync('du', ['-s', '--block-size=1', at('tree')], { encoding: 'utf8' });
    expect(await sys.diskUsage(at('tree'))).toEqual({ sizeBytes: Number.parseInt(du, 10), inodes: 5 });
  });

  test('a single file, and a link to a directory, count as themselves', async () => {
    await writeFile(at('file'), '');
    await symlink('/usr', at('link'));
    expect(await sys.diskUsage(at('file'))).toEqual({ sizeBytes: 0, inodes: 1 });
    expect((await sys.diskUsage(at('link'))).inodes).toBe(1);
    expect(errnoOf(await sys.diskUsage(at('none')).catch((error) => error))).toBe('ENOENT');
  });

  test('a full disk is resource-exhausted', async () => {
    await mountTmpfs(at('small'));
    const file = await open(at('small', 'file'), 'w');
    const hasher = sys.createHasher();
    await expect(hasher.write(file.fd, Buffer.alloc(2 * 2 ** 20), 0)).rejects.toMatchObject({
      kind: 'resource-exhausted',
    });
    expect(hasher.sizeBytes).toBe(0);
    await file.close();
  });
});
