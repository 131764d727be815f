import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sys } from './sys.ts';

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

test('orphans come to a subreaper', async () => {
  sys.setSubreaper(true);
  try {
    // The shell ends at once; its child asks who its parent is then.
    const child = spawn(
      'sh',
      [
        '-c',
        "(while [ \"$(ps -o ppid= -p $(sh -c 'echo $PPID'))\" -eq $$ ]; do :; done; ps -o ppid= -p $(sh -c 'echo $PPID')) &",
      ],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const chunks: Buffer[] = [];
    for await (const chunk of child.stdout) chunks.push(chunk);
    expect(Number(Buffer.concat(chunks).toString())).toBe(process.pid);
  } finally {
    sys.setSubreaper(false);
  }
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
