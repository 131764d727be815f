import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstat } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { sys } from './sys.ts';

const fstatOf = promisify(fstat);

function sleeper() {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  if (child.pid === undefined) throw new Error('sleep did not start');
  return { child, pid: child.pid };
}

test('a wait resolves when the process ends, for every caller', async () => {
  const { child, pid } = sleeper();
  using handle = sys.openProcess(pid);
  const waits = [handle.wait(), handle.wait()];
  handle.kill('SIGTERM');
  await Promise.all(waits);
  await handle.wait();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGTERM');
});

test('many processes are waited for at once', async () => {
  const sleepers = Array.from({ length: 50 }, sleeper);
  const handles = sleepers.map(({ pid }) => sys.openProcess(pid));
  const waits = handles.map((handle) => handle.wait());
  for (const handle of handles) handle.kill(9);
  await Promise.all(waits);
  for (const handle of handles) handle.close();
});

test('an aborted wait leaves others and the process alone', async () => {
  const { pid } = sleeper();
  using handle = sys.openProcess(pid);
  const controller = new AbortController();
  const aborted = handle.wait({ signal: controller.signal });
  const other = handle.wait();
  controller.abort(new Error('no longer'));
  await expect(aborted).rejects.toThrow('no longer');
  handle.kill(0);
  handle.kill('SIGKILL');
  await other;
});

test('closing rejects the wait, twice is well, and the handle is of no use then', async () => {
  const { child, pid } = sleeper();
  const handle = sys.openProcess(pid);
  const wait = handle.wait();
  handle.close();
  handle.close();
  await expect(wait).rejects.toMatchObject({ kind: 'canceled' });
  await expect(handle.wait()).rejects.toMatchObject({ kind: 'invalid-argument' });
  expect(() => handle.kill(0)).toThrow('handle is closed');
  child.kill('SIGKILL');
});

test('no such process is not-found', async () => {
  const { child, pid } = sleeper();
  const handle = sys.openProcess(pid);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(() => sys.openProcess(pid)).toThrow(expect.objectContaining({ kind: 'not-found' }));
  expect(() => handle.kill(0)).toThrow(expect.objectContaining({ kind: 'not-found' }));
  await expect(sys.processStartTicks(pid)).rejects.toMatchObject({ kind: 'not-found' });
  handle.close();
});

test('the start time tells processes apart and stays the same', async () => {
  const own = await sys.processStartTicks(process.pid);
  const { child, pid } = sleeper();
  expect(await sys.processStartTicks(pid)).toBeGreaterThanOrEqual(own);
  expect(await sys.processStartTicks(process.pid)).toBe(own);
  child.kill('SIGKILL');
});

describe('orphans', () => {
  /** Starts a process whose parent ends at once, with this process as subreaper. */
  async function adopt(command: string): Promise<number> {
    sys.setSubreaper(true);
    try {
      const { stdout } = await promisify(execFile)('sh', ['-c', `${command} >/dev/null 2>&1 & echo $!`]);
      return Number(stdout);
    } finally {
      sys.setSubreaper(false);
    }
  }

  test('come to a subreaper, which waits for them and reaps them', async () => {
    const pid = await adopt('sleep 1000');
    using handle = sys.openProcess(pid);
    expect(await readFile(`/proc/${pid}/stat`, 'utf8')).toMatch(new RegExp(`\\) [A-Z] ${process.pid} `));
    expect(handle.reap()).toBeUndefined();
    handle.kill('SIGTERM');
    await handle.wait();
    expect(handle.reap()).toEqual({ signal: 15 });
    expect(handle.reap()).toBeUndefined();
    expect(() => sys.openProcess(pid)).toThrow(expect.objectContaining({ kind: 'not-found' }));
  });

  test('leave their exit code', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'gp-'));
    const fifo = join(directory, 'go');
    await sys.makeFifo(fifo, 0o600);
    // It must not end before its first parent has, or that one may reap it.
    using handle = sys.openProcess(await adopt(`sh -c 'read line < ${fifo}; exit 7'`));
    await writeFile(fifo, 'go\n');
    await handle.wait();
    expect(handle.reap()).toEqual({ code: 7 });
    await rm(directory, { recursive: true });
  });
});

test('a process that is no child cannot be reaped', () => {
  using handle = sys.openProcess(1);
  expect(handle.reap()).toBeUndefined();
});

test('peer credentials of a unix socket', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'gp-'));
  const server = createServer();
  server.listen(join(directory, 's'));
  await once(server, 'listening');
  const client = connect(join(directory, 's'));
  const [accepted] = (await once(server, 'connection')) as [Socket & { _handle: { fd: number } }];
  expect(sys.peerCredentials(accepted._handle.fd)).toEqual({
    pid: process.pid,
    uid: process.getuid?.(),
    gid: process.getgid?.(),
  });
  client.destroy();
  accepted.destroy();
  server.close();
  expect(() => sys.peerCredentials(-1)).toThrow(/descriptor -1.*EBADF/);
  await rm(directory, { recursive: true });
});

test('a descriptor of another process is copied and outlives it', async () => {
  const child = spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] });
  if (child.pid === undefined) throw new Error('cat did not start');
  using handle = sys.openProcess(child.pid);
  const copy = handle.copyDescriptor(0);
  try {
    expect((await fstatOf(copy)).ino).toBe((await stat(`/proc/${child.pid}/fd/0`)).ino);
    expect(() => handle.copyDescriptor(99)).toThrow('EBADF');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(() => handle.copyDescriptor(0)).toThrow();
    expect((await fstatOf(copy)).isFIFO() || (await fstatOf(copy)).isSocket()).toBe(true);
  } finally {
    closeSync(copy);
  }
});
