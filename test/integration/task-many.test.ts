import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { listProcesses } from '../helpers/processes.ts';
import { ourShim, shims, TaskWorld } from './task-world.ts';

const countFds = () => readdirSync('/proc/self/fd').length;
const childZombies = () => listProcesses().filter(({ parentPid, state }) => parentPid === process.pid && state === 'Z');

describe.each(shims)('%s', (shim) => {
  test('tasks by the dozen leave no descriptor and no child behind', async () => {
    await using world = await TaskWorld.open(shim);
    const life = async (id: string) => {
      await world.run(id, 'exit 0');
      expect(await world.wait(id)).toBe(0);
      await world.delete(id);
    };
    await life('warm');
    const before = countFds();
    for (let round = 0; round < 4; round++) {
      await Promise.all([1, 2, 3, 4, 5].map((index) => life(`r${round}-${index}`)));
    }
    await eventually(() => expect(countFds()).toBeLessThanOrEqual(before));
    expect(childZombies()).toEqual([]);
    await eventually(() => expect(world.shimPids()).toEqual([]));
    for (const topic of ['/tasks/create', '/tasks/start', '/tasks/exit', '/tasks/delete']) {
      await eventually(() => expect(world.events.filter((entry) => entry.topic === topic)).toHaveLength(21));
    }
  });

  test('many shims killed at once are each told of once, after a restart too', async () => {
    await using world = await TaskWorld.open(shim);
    const ids = Array.from({ length: 12 }, (_, index) => `c${index}`);
    await Promise.all(ids.map((id) => world.run(id, 'sleep 100')));
    for (const id of ids.slice(0, 6)) for (const pid of world.shimPids(id)) process.kill(pid, 'SIGKILL');
    await eventually(() => expect(world.events.filter(({ topic }) => topic === '/tasks/delete')).toHaveLength(6));
    await world.stop();
    for (const pid of world.shimPids()) process.kill(pid, 'SIGKILL');
    await world.start();
    // An id whose last task is still being cleaned up is free as soon as that is done.
    await world.run('c11', 'sleep 100');
    await eventually(() => expect(world.events.filter(({ topic }) => topic === '/tasks/delete')).toHaveLength(12));
    for (const id of ids) expect(world.seen('/tasks/exit', id)).toMatchObject([{ exitStatus: 137 }]);
    expect(world.manager.list(world.namespace).map(({ id }) => id)).toEqual(['c11']);
  });

  test('containers of one pod share a shim, and its loss ends both', async () => {
    await using world = await TaskWorld.open(shim);
    const annotations = { 'io.kubernetes.cri.sandbox-id': 'pod1' };
    for (const id of ['pod1', 'c1', 'c2']) {
      world.addContainer(id, 'sleep 100', { annotations });
      await world.service.create(world.ctx, world.request('CreateTaskRequest', { containerId: id }));
      await world.service.start(world.ctx, world.request('StartRequest', { containerId: id }));
    }
    const [shimPid, ...others] = world.shimPids();
    expect(others).toEqual([]);
    await world.kill('c1');
    expect(await world.wait('c1')).toBe(137);
    await world.delete('c1');
    expect(await world.status('c2')).toBe('RUNNING');
    process.kill(shimPid as number, 'SIGKILL');
    for (const id of ['pod1', 'c2']) {
      await eventually(() => expect(world.seen('/tasks/delete', id)).toHaveLength(1));
    }
    expect(world.manager.list(world.namespace)).toEqual([]);
  });

  test.runIf(shim === ourShim)('what a pod has left is taken over by one shim', async () => {
    await using world = await TaskWorld.open(shim);
    await world.stop();
    world.adopt = true;
    await world.start();
    const annotations = { 'io.kubernetes.cri.sandbox-id': 'pod1' };
    for (const id of ['pod1', 'c1', 'c2']) {
      world.addContainer(id, 'sleep 100', { annotations });
      await world.service.create(world.ctx, world.request('CreateTaskRequest', { containerId: id }));
      await world.service.start(world.ctx, world.request('StartRequest', { containerId: id }));
    }
    const [shimPid] = world.shimPids();
    process.kill(shimPid as number, 'SIGKILL');
    for (const id of ['pod1', 'c1', 'c2']) expect(await world.status(id)).toBe('RUNNING');
    expect(world.shimPids()).toHaveLength(1);
    for (const id of ['c1', 'c2', 'pod1']) {
      await world.kill(id);
      expect(await world.wait(id)).toBe(137);
      await world.delete(id);
      await eventually(() => expect(world.seen('/tasks/exit', id)).toHaveLength(1));
    }
  });
});
