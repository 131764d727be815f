import { expect } from 'vitest';
import { collectScenarios } from '../helpers/both.ts';
import { eventually } from '../helpers/eventually.ts';
import { exists } from '../helpers/processes.ts';
import { image, type Side } from '../helpers/side.ts';

/** What `ctr tasks` can do. */
export const { scenario, declare } = collectScenarios();

/** Rows of a table of ctr, split into columns. */
const rows = (table: string) =>
  table
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/));

/** Status and process id of a task. */
async function task({ ctr }: Side, id: string): Promise<{ pid: number; status: string }> {
  const row = rows(await ctr.ok('tasks', 'ls')).find(([name]) => name === id);
  if (row === undefined) throw new Error(`no task ${id}`);
  return { pid: Number(row[1]), status: row[2] ?? '' };
}

/** Waits until a task has that status. */
async function statusIs(side: Side, id: string, status: string): Promise<void> {
  await eventually(async () => expect((await task(side, id)).status).toBe(status));
}

async function remove({ ctr }: Side, id: string): Promise<void> {
  await ctr.ok('tasks', 'rm', '-f', id);
  await ctr.ok('containers', 'rm', id);
}

scenario('tasks ls and ps show the process of the container', async (side) => {
  const { ctr } = side;
  await ctr.ok('run', '-d', image, 'shown', 'sh', '-c', 'sleep 1000 & wait');
  const { pid, status } = await task(side, 'shown');
  expect(status).toBe('RUNNING');
  expect(exists(pid)).toBe(true);
  await eventually(async () => expect(rows(await ctr.ok('tasks', 'ps', 'shown'))).toHaveLength(2));
  expect(rows(await ctr.ok('tasks', 'ps', 'shown')).map(([id]) => Number(id))).toContain(pid);
  await remove(side, 'shown');
  expect(exists(pid)).toBe(false);
});

scenario('a task is created, started and deleted in steps', async (side) => {
  const { ctr } = side;
  await ctr.ok('containers', 'create', '--', image, 'stepwise', 'sh', '-c', 'echo started; exit 3');
  expect(await ctr.try(['tasks', 'start', 'stepwise'])).toEqual({ stdout: 'started\n', stderr: '', code: 3 });
  // The attached client has deleted the task, and a container may have another.
  await ctr.ok('tasks', 'start', '-d', 'stepwise');
  await statusIs(side, 'stepwise', 'STOPPED');
  const removed = await ctr.try(['tasks', 'rm', 'stepwise']);
  await ctr.ok('containers', 'rm', 'stepwise');
  expect(removed.stderr).toContain('task stepwise exit with non-zero exit code 3');
});

scenario('tasks exec prints, passes on the exit code, and leaves the container running', async (side) => {
  const { ctr } = side;
  await ctr.ok('run', '-d', '--env', 'INHERITED=no', image, 'exec-host', 'sleep', '1000');
  const script = 'echo out; echo err >&2; exit 9';
  const output = await ctr.try(['tasks', 'exec', '--exec-id', 'one', 'exec-host', 'sh', '-c', script]);
  expect(output).toEqual({ stdout: 'out\n', stderr: 'err\n', code: 9 });
  const folder = await ctr.ok('tasks', 'exec', '--exec-id', 'one', '--cwd', '/etc', 'exec-host', 'pwd');
  expect(folder).toBe('/etc\n');
  const input = await ctr.try(['tasks', 'exec', '--exec-id', 'two', 'exec-host', 'head', '-c', '5'], {
    input: 'hello',
  });
  expect(input.stdout).toBe('hello');
  const absent = await ctr.fails('tasks', 'exec', '--exec-id', 'three', 'exec-host', 'not-there');
  expect(absent).toContain('executable file not found in $PATH');
  expect((await task(side, 'exec-host')).status).toBe('RUNNING');
  await remove(side, 'exec-host');
  return absent;
});

scenario('tasks exec --detach runs on without its client', async (side) => {
  const { ctr } = side;
  await ctr.ok('run', '-d', image, 'detached-host', 'sleep', '1000');
  await ctr.ok('tasks', 'exec', '-d', '--exec-id', 'worker', 'detached-host', 'sleep', '1000');
  await eventually(async () => expect(rows(await ctr.ok('tasks', 'ps', 'detached-host'))).toHaveLength(2));
  const listed = await ctr.ok('tasks', 'ps', 'detached-host');
  expect(listed).toContain('worker');
  await ctr.ok('tasks', 'kill', '-s', 'KILL', '--exec-id', 'worker', 'detached-host');
  await eventually(async () => expect(rows(await ctr.ok('tasks', 'ps', 'detached-host'))).toHaveLength(1));
  await remove(side, 'detached-host');
});

scenario('an exec id that is taken is refused', async (side) => {
  const { ctr } = side;
  await ctr.ok('run', '-d', image, 'taken-host', 'sleep', '1000');
  await ctr.ok('tasks', 'exec', '-d', '--exec-id', 'same', 'taken-host', 'sleep', '1000');
  const error = await ctr.fails('tasks', 'exec', '-d', '--exec-id', 'same', 'taken-host', 'sleep', '1000');
  expect(error).toContain('already exists');
  await remove(side, 'taken-host');
  return error;
});

scenario('tasks kill sends the signal that it is given', async (side) => {
  const { ctr } = side;
  const script = 'trap "exit 42" TERM; trap "exit 43" USR1; echo ready; while :; do usleep 10000; done';
  const codes = [];
  for (const signal of ['SIGTERM', 'USR1', '9']) {
    const process = ctr.start('run', '--rm', image, `signal-${signal}`, 'sh', '-c', script);
    process.stdout.once('data', () => void ctr.ok('tasks', 'kill', '-s', signal, `signal-${signal}`));
    codes.push((await process).exitCode);
  }
  expect(codes).toEqual([42, 43, 137]);
});

scenario('tasks kill --all reaches every process', async (side) => {
  const { ctr } = side;
  await ctr.ok('run', '-d', image, 'many', 'sh', '-c', 'sleep 1000 & sleep 1000 & wait');
  await eventually(async () => expect(rows(await ctr.ok('tasks', 'ps', 'many'))).toHaveLength(3));
  await ctr.ok('tasks', 'kill', '--all', '-s', 'KILL', 'many');
  await statusIs(side, 'many', 'STOPPED');
  await remove(side, 'many');
});

scenario('tasks pause and resume', async (side) => {
  const { ctr } = side;
  await ctr.ok('run', '-d', image, 'pausable', 'sleep', '1000');
  await ctr.ok('tasks', 'pause', 'pausable');
  expect((await task(side, 'pausable')).status).toBe('PAUSED');
  const execWhilePaused = await ctr.fails('tasks', 'exec', '--exec-id', 'cold', 'pausable', 'true');
  await ctr.ok('tasks', 'resume', 'pausable');
  expect((await task(side, 'pausable')).status).toBe('RUNNING');
  const resumedTwice = await ctr.fails('tasks', 'resume', 'pausable');
  await remove(side, 'pausable');
  return { execWhilePaused, resumedTwice };
});

scenario('tasks metrics as a table and as JSON', async (side) => {
  const { ctr } = side;
  await ctr.ok('run', '-d', image, 'measured', 'sleep', '1000');
  const metricsOf = async () =>
    JSON.parse(await ctr.ok('tasks', 'metrics', '--format', 'json', 'measured')) as Record<string, unknown>;
  // The threads of runc's own first process end a moment after the start.
  await eventually(async () => expect((await metricsOf())['pids']).toMatchObject({ current: 1 }));
  const metrics = await metricsOf();
  const cpu = metrics['cpu'] as { usage: { total: number; per_cpu?: number[] } };
  expect(cpu.usage.total).toBeGreaterThan(0);
  const table = await ctr.ok('tasks', 'metrics', 'measured');
  expect(table).toMatch(/^memory\.usage_in_bytes +[1-9]\d*/m);
  await remove(side, 'measured');
  return { groups: Object.keys(metrics).sort(), names: table.match(/^\S+/gm), perCpu: cpu.usage.per_cpu?.length };
});

scenario('tasks attach shows what is written from now on and ends with the container', async (side) => {
  const { ctr } = side;
  await ctr.ok(
    'run',
    '-d',
    image,
    'attached',
    'sh',
    '-c',
    'while [ ! -e /tmp/stop ]; do echo tick; usleep 20000; done; exit 6',
  );
  const process = ctr.start('tasks', 'attach', 'attached');
  process.stdout.once(
    'data',
    () => void ctr.ok('tasks', 'exec', '--exec-id', 'stop', 'attached', 'touch', '/tmp/stop'),
  );
  const { stdout, exitCode } = await process;
  expect(exitCode).toBe(6);
  expect(stdout).toMatch(/^(tick\n)*tick$/);
  await ctr.ok('containers', 'rm', 'attached');
});

scenario('tasks rm of a running task is refused without --force', async (side) => {
  const { ctr } = side;
  await ctr.ok('run', '-d', image, 'stubborn', 'sleep', '1000');
  const error = await ctr.fails('tasks', 'rm', 'stubborn');
  expect(error).toContain('failed precondition');
  await remove(side, 'stubborn');
  return error;
});

scenario('commands on a task that does not exist', async ({ ctr }) => [
  await ctr.fails('tasks', 'ps', 'absent'),
  await ctr.fails('tasks', 'kill', 'absent'),
  await ctr.fails('tasks', 'rm', 'absent'),
  await ctr.fails('tasks', 'exec', '--exec-id', 'x', 'absent', 'true'),
  await ctr.fails('tasks', 'start', 'absent'),
]);

scenario('kill and exec of a stopped task', async (side) => {
  const { ctr } = side;
  await ctr.ok('run', '-d', image, 'stopped', 'true');
  await statusIs(side, 'stopped', 'STOPPED');
  const kill = await ctr.fails('tasks', 'kill', 'stopped');
  expect(kill).toContain('not found');
  const exec = await ctr.fails('tasks', 'exec', '--exec-id', 'late', 'stopped', 'true');
  await remove(side, 'stopped');
  return { kill, exec };
});
