import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DaemonKind } from '../helpers/daemon.ts';
import { EventsProcess } from '../helpers/events.ts';
import { eventually } from '../helpers/eventually.ts';
import { readCgroupFile } from '../helpers/leak-guard.ts';
import { exists } from '../helpers/processes.ts';
import { TerminalSession } from '../helpers/pty.ts';
import { image, Side } from '../helpers/side.ts';
import { exitOf, listTasks } from '../helpers/tasks.ts';

/** Each daemon with the other's shim; the shim contract is what both have to keep. */
const pairs: { daemon: DaemonKind; runtime: string; shim: string; config?: string }[] = [
  { daemon: 'containerd', runtime: 'io.containerd.gantry.v1', shim: 'containerd-shim-gantry-v1' },
  {
    daemon: 'gantryd',
    runtime: 'io.containerd.runc.v2',
    shim: 'containerd-shim-runc-v2',
    config: '[gantry.runtimes]\n"io.containerd.runc.v2" = "/usr/bin/containerd-shim-runc-v2"',
  },
];

describe.each(pairs)('$daemon with $shim', ({ daemon, runtime, shim, config = '' }) => {
  let side: Side;
  const run = (...args: string[]) => ['run', '--runtime', runtime, ...args];

  beforeAll(async () => {
    side = await Side.start(daemon, { image: true, daemon: { config } });
  });

  afterAll(() => side[Symbol.asyncDispose]());

  test('it is the other shim that runs', async () => {
    await side.ctr.ok(...run('-d', image, 'whose', 'sleep', '1000'));
    expect(side.daemon.processOf('containerd-shim').command).toContain(shim);
    await side.remove('whose');
  });

  test('a run prints both outputs and passes on the exit code', async () => {
    const output = await side.ctr.try(run('--rm', image, 'prints', 'sh', '-c', 'echo out; echo err >&2; exit 7'));
    expect(output).toEqual({ stdout: 'out\n', stderr: 'err\n', code: 7 });
  });

  test('input reaches the container and its end too', async () => {
    const process = side.ctr.start(...run('--rm', image, 'input', 'sh', '-c', 'echo ready; wc -c'));
    process.stdout.once('data', () => process.stdin.end('12345'));
    expect(await process).toMatchObject({ stdout: 'ready\n5', exitCode: 0 });
  });

  test('nothing of a large output is lost', async () => {
    const { stdout } = await side.ctr.try(run('--rm', image, 'large', 'sh', '-c', 'yes 0123456 | head -c 8388608'));
    expect(stdout).toBe('0123456\n'.repeat(1 << 20));
  });

  test('a terminal has the size of the client and passes input', async () => {
    const script = 'until stty size 2>/dev/null | grep .; do usleep 10000; done; read line; echo "heard $line"; exit 5';
    const argv = side.ctr.argv(...run('-t', '--rm', image, 'terminal', 'sh', '-c', script));
    await using session = new TerminalSession(argv, { rows: 31, columns: 99 });
    await session.shows(/31 99/);
    session.type('hello\n');
    expect(await session.ended()).toEqual({ code: 5, restored: true });
    expect(session.output).toMatch(/heard hello/);
  });

  test('exec, exec on a terminal, kill of an exec', async () => {
    const { ctr } = side;
    await ctr.ok(...run('-d', image, 'execs', 'sleep', '1000'));
    const output = await ctr.try(['tasks', 'exec', '--exec-id', 'a', 'execs', 'sh', '-c', 'echo out; exit 9']);
    expect(output).toEqual({ stdout: 'out\n', stderr: '', code: 9 });
    await using session = new TerminalSession(ctr.argv('tasks', 'exec', '-t', '--exec-id', 'b', 'execs', 'tty'));
    expect((await session.ended()).code).toBe(0);
    expect(session.output).toContain('/dev/pts/0');
    const killed = ctr.start('tasks', 'exec', '--exec-id', 'c', 'execs', 'sh', '-c', 'echo up; sleep 1000');
    killed.stdout.once('data', () => void ctr.ok('tasks', 'kill', '-s', 'KILL', '--exec-id', 'c', 'execs'));
    expect((await killed).exitCode).toBe(137);
    await side.remove('execs');
  });

  test('pause, resume, processes, metrics and limits', async () => {
    const { ctr, namespace } = side;
    await ctr.ok(...run('-d', '--memory-limit', '67108864', image, 'managed', 'sleep', '1000'));
    await ctr.ok('tasks', 'pause', 'managed');
    expect((await listTasks(side)).get('managed')).toMatchObject({ status: 'PAUSED' });
    await ctr.ok('tasks', 'resume', 'managed');
    expect(await ctr.ok('tasks', 'ps', 'managed')).toContain(`${(await listTasks(side)).get('managed')?.pid}`);
    expect(await ctr.ok('tasks', 'metrics', 'managed')).toMatch(/^memory\.limit_in_bytes +67108864/m);
    expect(readCgroupFile(namespace, 'managed', 'memory.limit_in_bytes', 'memory.max')).toBe('67108864');
    await side.remove('managed');
  });

  test('events of a run come once and in order', async () => {
    await using events = await EventsProcess.start(side.ctr, `namespace==${side.namespace}`);
    await side.ctr.try(run('--rm', image, 'told', 'false'));
    const topics = () => events.seen.map(({ topic }) => topic);
    await eventually(() => expect(topics()).toContain('/containers/delete'));
    expect(topics().filter((topic) => topic.startsWith('/tasks/'))).toEqual([
      '/tasks/create',
      '/tasks/start',
      '/tasks/exit',
      '/tasks/delete',
    ]);
  });

  test('a command that is not there is refused in the same words', async () => {
    const error = await side.ctr.fails(...run('--rm', image, 'not-there', 'not-there'));
    expect(error).toBe(
      'ctr: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container ' +
        'process: exec: "not-there": executable file not found in $PATH: unknown\n',
    );
  });

  test('containers outlive a crash of the daemon; one that ended meanwhile has its status', async () => {
    const { ctr } = side;
    const folder = join(side.daemon.folder, 'go-here');
    const mount = `type=bind,src=${side.daemon.folder},dst=/shared,options=rbind:ro`;
    const script = 'until [ -e /shared/go-here ]; do usleep 5000; done; exit 44';
    await ctr.ok(...run('-d', '--mount', mount, image, 'ends', 'sh', '-c', script));
    await ctr.ok(...run('-d', image, 'stays', 'sleep', '1000'));
    const before = await listTasks(side);
    await side.daemon.kill();
    writeFileSync(folder, '');
    await eventually(() => expect(exists(before.get('ends')?.pid ?? 0)).toBe(false));
    await side.daemon.start();
    const after = await listTasks(side);
    expect(after.get('stays')).toMatchObject({ status: 'RUNNING', pid: before.get('stays')?.pid });
    expect(await exitOf(side, 'ends')).toMatchObject({ exitStatus: 44 });
    expect(await ctr.ok('tasks', 'exec', '--exec-id', 'later', 'stays', 'echo', 'alive')).toBe('alive\n');
    await side.remove('ends', 'stays');
  });

  test('a shim that is killed takes its container along', async () => {
    await side.ctr.ok(...run('-d', image, 'bereft', 'sleep', '1000'));
    const pid = (await listTasks(side)).get('bereft')?.pid ?? 0;
    process.kill(side.daemon.processOf('containerd-shim').pid, 'SIGKILL');
    await eventually(() => expect(exists(pid)).toBe(false));
    await eventually(async () => expect((await listTasks(side)).has('bereft')).toBe(false));
    await side.ctr.ok('containers', 'rm', 'bereft');
  });
});
