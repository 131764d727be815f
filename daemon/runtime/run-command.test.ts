import { mkdtemp, rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../test/helpers/eventually.ts';
import { type Command, runCommand } from './run-command.ts';
import { killProcessesIn } from './shim-processes.ts';

function shell(script: string, more: Partial<Command> = {}): Command {
  return { path: '/bin/sh', args: ['-c', script], cwd: '/', env: process.env, timeoutMs: 10_000, ...more };
}

test('returns both outputs and how it ended', async () => {
  const result = await runCommand(shell('echo out; echo err >&2; exit 3'));
  expect(result).toEqual({ stdout: Buffer.from('out\n'), stderr: Buffer.from('err\n'), failure: 'exit status 3' });
  expect((await runCommand(shell('true'))).failure).toBe('');
  expect((await runCommand(shell('kill -9 $$'))).failure).toBe('signal: SIGKILL');
});

test('hands over standard input, and does not mind a command that ignores it', async () => {
  expect((await runCommand(shell('cat', { stdin: Buffer.from('in') }))).stdout.toString()).toBe('in');
  expect((await runCommand(shell('exec 0<&-; true', { stdin: Buffer.alloc(1 << 20) }))).failure).toBe('');
});

test('keeps a bounded part of what a command prints', async () => {
  const { stdout } = await runCommand(shell('yes | head -c 1000000'));
  expect(stdout.length).toBe(64 << 10);
});

test('fails for a program that is not there', async () => {
  const command = shell('', { path: '/nowhere/shim' });
  await expect(runCommand(command)).rejects.toThrow(
    'cannot run /nowhere/shim: execve /nowhere/shim: no such file or directory (ENOENT)',
  );
});

test('kills a command that hangs, with the processes it made', async () => {
  const folder = await mkdtemp('/tmp/gt-');
  onTestFinished(() => rm(folder, { recursive: true }));
  const startedAtMs = performance.now();
  const command = shell('echo stuck >&2; sleep 60 & wait', { cwd: folder, timeoutMs: 200 });
  await expect(runCommand(command)).rejects.toMatchObject({
    kind: 'deadline-exceeded',
    message: '/bin/sh did not end within 200 ms: stuck',
  });
  expect(performance.now() - startedAtMs).toBeLessThan(2_000);
  await eventually(async () => expect(await killProcessesIn(folder)).toBe(0));
});

test('kills a command when its caller goes away', async () => {
  const controller = new AbortController();
  const running = runCommand(shell('sleep 60'), { signal: controller.signal });
  controller.abort(new Error('caller left'));
  await expect(running).rejects.toThrow('caller left');
  await expect(runCommand(shell('true'), { signal: controller.signal })).rejects.toThrow('caller left');
});
