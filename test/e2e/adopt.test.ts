import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EventsProcess } from '../helpers/events.ts';
import { eventually } from '../helpers/eventually.ts';
import { exists } from '../helpers/processes.ts';
import { TerminalSession } from '../helpers/pty.ts';
import { image, Side } from '../helpers/side.ts';
import { exitOf, listTasks } from '../helpers/tasks.ts';

const counting = 'i=0; while [ ! -e /tmp/stop ]; do echo $((i=i+1)); usleep 2000; done; echo end; exit 9';

function killShim(side: Side): void {
  process.kill(side.daemon.processOf('containerd-shim').pid, 'SIGKILL');
}

function exitsOf(events: EventsProcess): unknown[] {
  return events.seen.filter(({ topic }) => topic === '/tasks/exit').map(({ payload }) => payload);
}

/** Every number from 1 on, in order, then the last word. */
function expectWholeCount(output: string): void {
  const lines = output.trimEnd().split('\n');
  expect(lines.pop()).toBe('end');
  expect(lines).toEqual(lines.map((_, index) => String(index + 1)));
  expect(lines.length).toBeGreaterThan(50);
}

test('a container and its client go on when the shim is killed, and everything works', async () => {
  await using side = await Side.start('gantryd', { image: true });
  const { ctr } = side;
  await using events = await EventsProcess.start(ctr, `namespace==${side.namespace}`);
  const run = ctr.start('run', '--rm', image, 'kept', 'sh', '-c', counting);
  const before = await eventually(async () => {
    const task = (await listTasks(side)).get('kept');
    expect(task).toMatchObject({ status: 'RUNNING' });
    return task;
  });
  for (let round = 0; round < 3; round++) {
    killShim(side);
    expect((await listTasks(side)).get('kept')).toMatchObject({ status: 'RUNNING', pid: before?.pid });
    expect(await ctr.ok('tasks', 'exec', '--exec-id', `e${round}`, 'kept', 'echo', 'here')).toBe('here\n');
    await ctr.ok('tasks', 'pause', 'kept');
    expect((await listTasks(side)).get('kept')).toMatchObject({ status: 'PAUSED' });
    killShim(side);
    expect((await listTasks(side)).get('kept')).toMatchObject({ status: 'PAUSED' });
    await ctr.ok('tasks', 'resume', 'kept');
    expect(await ctr.ok('tasks', 'metrics', 'kept')).toContain('kept');
  }
  await ctr.ok('tasks', 'exec', '--exec-id', 'stop', 'kept', 'touch', '/tmp/stop');
  const { exitCode, stdout } = await run;
  expect(exitCode).toBe(9);
  expectWholeCount(`${stdout}\n`);
  await eventually(() =>
    expect(exitsOf(events).filter((exit) => (exit as { id: string }).id === 'kept')).toHaveLength(1),
  );
  expect(exitsOf(events).find((exit) => (exit as { id: string }).id === 'kept')).toMatchObject({ exit_status: 9 });
});

test('an end between two shims is known', async () => {
  await using side = await Side.start('gantryd', { image: true });
  await side.ctr.ok('run', '-d', image, 'ends', 'sh', '-c', 'trap "exit 42" TERM; while :; do usleep 5000; done');
  const pid = (await listTasks(side)).get('ends')?.pid ?? 0;
  await using events = await EventsProcess.start(side.ctr, `namespace==${side.namespace}`);
  const shim = side.daemon.processOf('containerd-shim').pid;
  process.kill(shim, 'SIGSTOP');
  process.kill(pid, 'SIGTERM');
  // It has ended, and who could have told is asleep.
  await eventually(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z '));
  process.kill(shim, 'SIGKILL');
  expect(await exitOf(side, 'ends')).toMatchObject({ exitStatus: 42 });
  await eventually(() => expect(exitsOf(events)).toMatchObject([{ container_id: 'ends', exit_status: 42 }]));
  expect((await listTasks(side)).get('ends')).toMatchObject({ status: 'STOPPED', exitStatus: 42 });
  await side.remove('ends');
  expect(exitsOf(events)).toHaveLength(1);
});

test('a terminal stays what it was for both of its ends', async () => {
  await using side = await Side.start('gantryd', { image: true });
  await using session = new TerminalSession(side.ctr.argv('run', '-t', '--rm', image, 'term', 'sh'));
  await session.shows(/\/ # /);
  session.type('echo $((6 * 7))\n');
  await session.shows(/\n42\r/);
  killShim(side);
  session.type('echo $((6 * 9))\n');
  await session.shows(/\n54\r/);
  session.resize({ rows: 51, columns: 99 });
  session.type('until stty size | grep "51 99"; do usleep 10000; done; exit 7\n');
  expect((await session.ended()).code).toBe(7);
});

test('a container is taken over by a daemon that finds its shim dead', async () => {
  await using side = await Side.start('gantryd', { image: true });
  await side.ctr.ok(
    'run',
    '-d',
    '--null-io',
    image,
    'found',
    'sh',
    '-c',
    'while [ ! -e /tmp/stop ]; do usleep 5000; done; exit 6',
  );
  const before = (await listTasks(side)).get('found');
  await side.daemon.kill();
  killShim(side);
  await side.daemon.start();
  expect((await listTasks(side)).get('found')).toMatchObject({ status: 'RUNNING', pid: before?.pid });
  await side.ctr.ok('tasks', 'exec', '--exec-id', 'stop', 'found', 'touch', '/tmp/stop');
  expect(await exitOf(side, 'found')).toMatchObject({ exitStatus: 6 });
  await side.remove('found');
});

test('an exec does not outlive its shim, and its end is told', async () => {
  await using side = await Side.start('gantryd', { image: true });
  await side.ctr.ok('run', '-d', image, 'base', 'sleep', '1000');
  await using events = await EventsProcess.start(side.ctr, `namespace==${side.namespace}`);
  await side.ctr.ok('tasks', 'exec', '-d', '--exec-id', 'long', 'base', 'sleep', '999');
  const exec = side.daemon.processOf('sleep 999');
  killShim(side);
  await eventually(() =>
    expect(exitsOf(events)).toMatchObject([{ container_id: 'base', id: 'long', exit_status: 137 }]),
  );
  await eventually(() => expect(exists(exec.pid)).toBe(false));
  await side.remove('base');
});
