import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mountsBelow } from '../helpers/daemon.ts';
import { eventually } from '../helpers/eventually.ts';
import { exists } from '../helpers/processes.ts';
import { debianShim, ourShim, shims, TaskWorld } from './task-world.ts';

describe.each(shims)('%s', (shim) => {
  let world: TaskWorld;
  beforeEach(async () => {
    world = await TaskWorld.open(shim);
  });
  afterEach(async () => {
    await world[Symbol.asyncDispose]();
  });

  test('a restarted daemon keeps running tasks and serves them as before', async () => {
    const pid = await world.run('c1', 'sleep 100');
    const created = await world.create('c2', 'exit 4');
    await world.stop();
    await world.start();
    expect(await world.status('c1')).toBe('RUNNING');
    expect(await world.status('c2')).toBe('CREATED');
    expect(exists(pid)).toBe(true);
    await world.service.start(world.ctx, world.request('StartRequest', { containerId: 'c2' }));
    expect(await world.wait('c2')).toBe(4);
    await world.kill('c1');
    expect(await world.wait('c1')).toBe(137);
    expect(await world.delete('c1')).toMatchObject({ pid, exitStatus: 137 });
    expect(await world.delete('c2')).toMatchObject({ pid: created, exitStatus: 4 });
    await eventually(() => expect(world.seen('/tasks/delete', 'c2')).toHaveLength(1));
    for (const id of ['c1', 'c2']) expect(world.seen('/tasks/exit', id)).toHaveLength(1);
  });

  test('exits that happened while the daemon was down are told once, with their status and time', async () => {
    const fifo = join(world.folder, 'rootfs/go');
    for (const status of [3, 5, 7])
      await world.run(`c${status}`, `while ! [ -e /go ]; do sleep 0.02; done; exit ${status}`);
    await world.stop();
    writeFileSync(fifo, '');
    const endedAtMs = Date.now();
    // The next life begins only when all three have certainly ended.
    await delay(500);
    await world.start();
    for (const status of [3, 5, 7]) {
      const id = `c${status}`;
      expect(await world.status(id)).toBe('STOPPED');
      expect(await world.wait(id)).toBe(status);
      await eventually(() => expect(world.seen('/tasks/exit', id)).toMatchObject([{ id, exitStatus: status }]));
      const { exitStatus, exitedAt } = await world.delete(id);
      expect(exitStatus).toBe(status);
      const exitedAtMs = (exitedAt?.seconds ?? 0) * 1_000 + (exitedAt?.nanos ?? 0) / 1e6;
      expect(exitedAtMs - endedAtMs).toBeGreaterThan(-1);
      expect(exitedAtMs - endedAtMs).toBeLessThan(200);
    }
    // Long enough for a second telling, by the shim or by the daemon.
    await delay(2_500);
    for (const status of [3, 5, 7]) expect(world.seen('/tasks/exit', `c${status}`)).toHaveLength(1);
  });

  test('an exit that was told before the restart is not told again', async () => {
    await world.run('c1', 'exit 3');
    expect(await world.wait('c1')).toBe(3);
    await eventually(() => expect(existsSync(join(world.bundlePath('c1'), 'exit-announced'))).toBe(true));
    await world.stop();
    await world.start();
    expect(await world.status('c1')).toBe('STOPPED');
    await delay(2_500);
    expect(world.seen('/tasks/exit', 'c1')).toHaveLength(1);
    await world.delete('c1');
  });

  test('deleting a recovered task tells its exit before its deletion', async () => {
    await world.run('c1', 'sleep 0.2; exit 3');
    await world.stop();
    await delay(500);
    await world.start();
    await world.delete('c1');
    await eventually(() => expect(world.seen('/tasks/delete', 'c1')).toHaveLength(1));
    const topics = world.events.map(({ topic }) => topic).filter((topic) => /exit|delete/.test(topic));
    expect(topics).toEqual(['/tasks/exit', '/tasks/delete']);
  });

  test.each(['while the daemon is up', 'while the daemon is down'])('a shim is killed %s', async (when) => {
    const pid = await world.run('c1', 'sleep 100');
    const waiting = when.endsWith('up') ? world.wait('c1') : undefined;
    const [shimPid] = world.shimPids('c1');
    if (when.endsWith('down')) await world.stop();
    process.kill(shimPid as number, 'SIGKILL');
    if (when.endsWith('down')) await world.start();
    await eventually(() => expect(world.seen('/tasks/delete', 'c1')).toMatchObject([{ pid, exitStatus: 137 }]));
    expect(world.seen('/tasks/exit', 'c1')).toMatchObject([{ id: 'c1', pid, exitStatus: 137 }]);
    expect(await (waiting ?? 137)).toBe(137);
    await expect(world.status('c1')).rejects.toMatchObject({ kind: 'not-found' });
    expect(exists(pid)).toBe(false);
    expect(existsSync(world.bundlePath('c1'))).toBe(false);
    expect(mountsBelow(world.folder)).toEqual([]);
    expect(readdirSync(join(world.folder, 's'))).toEqual([]);
    // Its id is free again.
    await world.run('c1', 'exit 2');
    expect(await world.wait('c1')).toBe(2);
    await world.delete('c1');
    await eventually(() => expect(world.seen('/tasks/exit', 'c1')).toHaveLength(2));
  });

  test('a shim without a task is ended, and empty or half-made bundles are removed', async () => {
    await world.run('c1', 'sleep 100');
    const task = world.manager.get(world.namespace, 'c1');
    // What a crash in the middle of Create leaves: a shim, a bundle, no container.
    await world.kill('c1');
    await world.wait('c1');
    await task.call('Delete', { id: 'c1' });
    await world.stop();
    mkdirSync(world.bundlePath('empty'));
    mkdirSync(join(world.bundlePath('half'), 'rootfs'), { recursive: true });
    mkdirSync(join(world.folder, 'root/io.containerd.runtime.v2.task', world.namespace, 'rebooted'));
    expect(world.shimPids('c1')).toHaveLength(1);
    await world.start();
    await eventually(() => expect(world.shimPids('c1')).toEqual([]));
    await eventually(() => {
      for (const directory of ['state', 'root']) {
        expect(readdirSync(join(world.folder, directory, 'io.containerd.runtime.v2.task', world.namespace))).toEqual(
          [],
        );
      }
    });
    expect(world.manager.list(world.namespace)).toEqual([]);
  });

  test('a shim whose address was lost is killed rather than forgotten', async () => {
    const pid = await world.run('c1', 'sleep 100');
    await world.stop();
    for (const name of ['bootstrap.json', 'address']) rmSync(join(world.bundlePath('c1'), name), { force: true });
    await world.start();
    await eventually(() => expect(world.seen('/tasks/exit', 'c1')).toHaveLength(1));
    await eventually(() => expect(world.shimPids('c1')).toEqual([]));
    expect(exists(pid)).toBe(false);
    expect(existsSync(world.bundlePath('c1'))).toBe(false);
  });

  test('a shim that is stopped delays a restart by no more than its bound and keeps its task', async () => {
    await world[Symbol.asyncDispose]();
    world = await TaskWorld.open(shim, { loadMs: 300 });
    const pid = await world.run('c1', 'sleep 100');
    await world.run('c2', 'sleep 100');
    const [shimPid] = world.shimPids('c1') as [number];
    await world.stop();
    process.kill(shimPid, 'SIGSTOP');
    const startedAtMs = performance.now();
    await world.start();
    expect(performance.now() - startedAtMs).toBeLessThan(1_500);
    const { tasks } = await world.service.list(world.ctx);
    expect(tasks.map(({ id }) => id)).toEqual(['c2']);
    process.kill(shimPid, 'SIGCONT');
    expect(await world.status('c1')).toBe('RUNNING');
    expect(exists(pid)).toBe(true);
    for (const id of ['c1', 'c2']) {
      await world.kill(id);
      await world.wait(id);
      await world.delete(id);
    }
  });
});

test.runIf(existsSync(ourShim))('the exit that our shim wrote down is what is told when it dies unheard', async () => {
  await using world = await TaskWorld.open(ourShim);
  await world.run('c1', 'sleep 0.3; exit 9');
  await world.stop();
  await eventually(() => readFileSync(join(world.bundlePath('c1'), 'exit.json')));
  for (const pid of world.shimPids('c1')) process.kill(pid, 'SIGKILL');
  await world.start();
  await eventually(() => expect(world.seen('/tasks/exit', 'c1')).toMatchObject([{ exitStatus: 9 }]));
  expect(world.seen('/tasks/delete', 'c1')).toMatchObject([{ exitStatus: 9 }]);
});

test('a bundle that does not tell its shim is recovered by the runtime of its container', async () => {
  await using world = await TaskWorld.open(debianShim);
  await world.run('c1', 'sleep 100');
  await world.stop();
  rmSync(join(world.bundlePath('c1'), 'shim-binary-path'));
  await world.start();
  expect(await world.status('c1')).toBe('RUNNING');
});

test('a shim that cannot be talked to, but is not known to be gone, is left alone', async () => {
  await using world = await TaskWorld.open(debianShim);
  const pid = await world.run('c1', 'sleep 100');
  await world.stop();
  const path = join(world.bundlePath('c1'), 'bootstrap.json');
  const bootstrap = readFileSync(path, 'utf8');
  writeFileSync(path, bootstrap.replace('"version":2', '"version":9'));
  await world.start();
  await expect(world.status('c1')).rejects.toMatchObject({ kind: 'not-found' });
  await expect(world.create('c1', 'true')).rejects.toMatchObject({ kind: 'already-exists' });
  expect(exists(pid)).toBe(true);
  await world.stop();
  writeFileSync(path, bootstrap);
  rmSync(join(world.bundlePath('c1'), 'log'));
  await world.start();
  expect(await world.status('c1')).toBe('RUNNING');
});
