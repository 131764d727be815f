import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EventsProcess } from '../helpers/events.ts';
import { eventually } from '../helpers/eventually.ts';
import { exists } from '../helpers/processes.ts';
import { image, Side } from '../helpers/side.ts';
import { exitOf, listTasks, milliseconds } from '../helpers/tasks.ts';

/** Containers that stop when the file `go` appears in the shared folder, each with a code of its own. */
const stopping = { 'ends-40': 40, 'ends-41': 41, 'ends-42': 42 };
const staying = ['stays-1', 'stays-2', 'stays-3', 'stays-4', 'stays-5', 'stays-6', 'stays-7'];
const toleranceMs = 50;
const withoutAdoption = '[gantry]\nadopt_containers = false';

/** A folder that containers see as /shared. */
function sharedFolder(side: Side): { folder: string; mount: string } {
  const folder = join(side.daemon.folder, 'shared');
  mkdirSync(folder, { recursive: true });
  return { folder, mount: `type=bind,src=${folder},dst=/shared,options=rbind:rw` };
}

async function startTen(side: Side, mount: string): Promise<void> {
  for (const [id, code] of Object.entries(stopping)) {
    // The modification time of the file is the truth about when the process ended.
    const script = `until [ -e /shared/go ]; do usleep 5000; done; : > /shared/${id}; exit ${code}`;
    await side.ctr.ok('run', '-d', '--mount', mount, image, id, 'sh', '-c', script);
  }
  for (const id of staying) await side.ctr.ok('run', '-d', image, id, 'sleep', '1000');
}

/** Lets containers end while nobody is there to see it. */
async function endAll(folder: string, pids: readonly number[]): Promise<void> {
  writeFileSync(join(folder, 'go'), '');
  await eventually(() => expect(pids.filter(exists)).toEqual([]));
}

/** The shims know where the ttrpc socket was; this is where it is now. */
function reconnectShims(side: Side, newAddress: string): void {
  const known = `${side.daemon.address}.ttrpc`;
  rmSync(known, { force: true });
  symlinkSync(newAddress, known);
}

test('ten containers outlive a killed daemon, three of them ending meanwhile', async () => {
  await using side = await Side.start('gantryd', { image: true });
  const { folder, mount } = sharedFolder(side);
  await startTen(side, mount);
  const before = await listTasks(side);
  expect(before.size).toBe(10);

  await side.daemon.kill();
  await endAll(
    folder,
    Object.keys(stopping).map((id) => before.get(id)?.pid ?? 0),
  );
  // A subscriber has to be there before the shims are: they find the new socket only when it is given the old name.
  const newAddress = join(side.daemon.folder, 'new.ttrpc');
  await side.daemon.start({ config: `[ttrpc]\naddress = "${newAddress}"` });
  await using events = await EventsProcess.start(side.ctr, `namespace==${side.namespace}`);

  for (const id of staying) {
    expect(await listTasks(side).then((tasks) => tasks.get(id))).toMatchObject({
      status: 'RUNNING',
      pid: before.get(id)?.pid,
    });
  }
  for (const [id, code] of Object.entries(stopping)) {
    const task = (await listTasks(side)).get(id);
    const truthMs = statSync(join(folder, id)).mtimeMs;
    expect(task).toMatchObject({ status: 'STOPPED', exitStatus: code });
    expect(Math.abs(milliseconds(task?.exitedAt) - truthMs), `exit time of ${id}`).toBeLessThan(toleranceMs);
    const waited = await exitOf(side, id);
    expect(waited).toMatchObject({ exitStatus: code });
    expect(Math.abs(milliseconds(waited.exitedAt) - truthMs), `waited exit time of ${id}`).toBeLessThan(toleranceMs);
  }

  reconnectShims(side, newAddress);
  const exits = () => events.seen.filter(({ topic }) => topic === '/tasks/exit').map(({ payload }) => payload);
  await eventually(() => expect(exits()).toHaveLength(3));
  // Every container is acted on once more: what would be told twice is told by now.
  const waiting = staying.map((id) => exitOf(side, id));
  await side.remove(...staying, ...Object.keys(stopping));
  expect((await Promise.all(waiting)).map(({ exitStatus }) => exitStatus)).toEqual(staying.map(() => 137));
  await eventually(() => expect(exits()).toHaveLength(10));
  for (const [id, code] of Object.entries(stopping)) {
    const told = exits().filter((exit) => (exit as { id: string }).id === id);
    expect(told).toMatchObject([{ container_id: id, exit_status: code }]);
  }
  expect(await side.ctr.ok('tasks', 'ls', '-q')).toBe('');
});

test('a subscriber that takes its time to come back is told what it missed', async () => {
  await using side = await Side.start('gantryd', { image: true });
  const { folder, mount } = sharedFolder(side);
  const script = 'until [ -e /shared/go ]; do usleep 5000; done; exit 45';
  await side.ctr.ok('run', '-d', '--mount', mount, image, 'missed', 'sh', '-c', script);
  const pid = (await listTasks(side)).get('missed')?.pid ?? 0;
  await side.daemon.kill();
  await endAll(folder, [pid]);
  await side.daemon.start();
  // Told, as the shim reaches the daemon before any subscriber does.
  const bundle = join(side.daemon.state, 'io.containerd.runtime.v2.task', side.namespace, 'missed');
  await eventually(() => statSync(join(bundle, 'exit-announced')));
  await using events = await EventsProcess.start(side.ctr, `namespace==${side.namespace}`);
  await side.remove('missed');
  await eventually(() => expect(events.seen.map(({ topic }) => topic)).toContain('/containers/delete'));
  const exits = events.seen.filter(({ topic }) => topic === '/tasks/exit');
  expect(exits.map(({ payload }) => payload)).toMatchObject([{ container_id: 'missed', pid, exit_status: 45 }]);
});

test('a container is still attached to, executed in and limited after five crashes', async () => {
  await using side = await Side.start('gantryd', { image: true });
  const { ctr, daemon } = side;
  await ctr.ok(
    'run',
    '-d',
    image,
    'survivor',
    'sh',
    '-c',
    'while [ ! -e /tmp/stop ]; do echo tick; usleep 20000; done; exit 6',
  );
  for (const round of ['1', '2', '3', '4', '5']) {
    await daemon.crash();
    expect(await ctr.ok('tasks', 'exec', '--exec-id', `exec-${round}`, 'survivor', 'echo', round)).toBe(`${round}\n`);
    await ctr.ok('tasks', 'pause', 'survivor');
    await ctr.ok('tasks', 'resume', 'survivor');
  }
  const attached = ctr.start('tasks', 'attach', 'survivor');
  attached.stdout.once(
    'data',
    () => void ctr.ok('tasks', 'exec', '--exec-id', 'stop', 'survivor', 'touch', '/tmp/stop'),
  );
  expect(await attached).toMatchObject({ exitCode: 6, stdout: expect.stringMatching(/^(tick\n)*tick$/) });
  await ctr.ok('containers', 'rm', 'survivor');
});

test('containers outlive a daemon that is stopped in order', async () => {
  await using side = await Side.start('gantryd', { image: true });
  await side.ctr.ok('run', '-d', image, 'kept', 'sleep', '1000');
  const before = (await listTasks(side)).get('kept');
  // Nor does a call that would go on for ever keep it.
  await using _events = await EventsProcess.start(side.ctr);
  expect(await side.daemon.kill('SIGTERM')).toEqual({ how: 'exit', value: 0 });
  expect(exists(before?.pid ?? 0)).toBe(true);
  await side.daemon.start();
  expect((await listTasks(side)).get('kept')).toMatchObject({ status: 'RUNNING', pid: before?.pid });
  await side.remove('kept');
});

test('a container whose shim was killed while the daemon was down is cleaned up where nobody takes it over', async () => {
  await using side = await Side.start('gantryd', { image: true, daemon: { config: withoutAdoption } });
  await side.ctr.ok('run', '-d', image, 'orphan', 'sleep', '1000');
  const pid = (await listTasks(side)).get('orphan')?.pid ?? 0;
  await side.daemon.kill();
  process.kill(side.daemon.processOf('containerd-shim').pid, 'SIGKILL');
  await side.daemon.start();
  await eventually(() => expect(exists(pid)).toBe(false));
  expect((await listTasks(side)).has('orphan')).toBe(false);
  await side.ctr.ok('tasks', 'start', '-d', 'orphan');
  expect((await listTasks(side)).get('orphan')).toMatchObject({ status: 'RUNNING' });
  await side.remove('orphan');
});

test('a container whose shim is killed under a running daemon is cleaned up where nobody takes it over', async () => {
  await using side = await Side.start('gantryd', { image: true, daemon: { config: withoutAdoption } });
  await side.ctr.ok('run', '-d', image, 'bereft', 'sleep', '1000');
  const pid = (await listTasks(side)).get('bereft')?.pid ?? 0;
  await using events = await EventsProcess.start(side.ctr, `namespace==${side.namespace}`);
  process.kill(side.daemon.processOf('containerd-shim').pid, 'SIGKILL');
  await eventually(() => expect(events.seen.map(({ topic }) => topic)).toEqual(['/tasks/exit', '/tasks/delete']));
  expect(events.seen[0]?.payload).toMatchObject({ container_id: 'bereft', exit_status: 137 });
  expect(exists(pid)).toBe(false);
  await side.ctr.ok('containers', 'rm', 'bereft');
});
