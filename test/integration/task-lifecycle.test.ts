import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { processOf, shims, TaskWorld } from './task-world.ts';

describe.each(shims)('%s', (shim) => {
  let world: TaskWorld;
  beforeEach(async () => {
    world = await TaskWorld.open(shim);
  });
  afterEach(async () => {
    await world[Symbol.asyncDispose]();
  });

  test('takes a task through its life, with its events in order', async () => {
    const pid = await world.create('c1', 'exit 7');
    expect(pid).toBeGreaterThan(0);
    expect(await world.status('c1')).toBe('CREATED');
    const waiters = [world.wait('c1'), world.wait('c1')];
    const started = await world.service.start(world.ctx, world.request('StartRequest', { containerId: 'c1' }));
    expect(started.pid).toBe(pid);
    expect(await Promise.all(waiters)).toEqual([7, 7]);
    expect(await world.wait('c1')).toBe(7);
    await eventually(async () => expect(await world.status('c1')).toBe('STOPPED'));
    const deleted = await world.delete('c1');
    expect(deleted).toMatchObject({ id: '', pid, exitStatus: 7 });
    expect(Math.abs((deleted.exitedAt?.seconds ?? 0) - Date.now() / 1_000)).toBeLessThan(10);
    await eventually(() =>
      expect(world.events.map(({ topic }) => topic)).toEqual([
        '/tasks/create',
        '/tasks/start',
        '/tasks/exit',
        '/tasks/delete',
      ]),
    );
    expect(world.seen('/tasks/exit', 'c1')).toMatchObject([{ id: 'c1', pid, exitStatus: 7 }]);
    await expect(world.status('c1')).rejects.toMatchObject({ kind: 'not-found', message: 'task c1 not found' });
    expect(existsSync(world.bundlePath('c1'))).toBe(false);
    await eventually(() => expect(world.shimPids()).toEqual([]));
  });

  test('runs processes in a task', async () => {
    await world.run('c1', 'sleep 100');
    const { ctx, service } = world;
    const exec = world.request('ExecProcessRequest', { containerId: 'c1', execId: 'e1', spec: processOf('exit 3') });
    await service.exec(ctx, exec);
    const waiting = world.wait('c1', 'e1');
    const { pid } = await service.start(ctx, world.request('StartRequest', { containerId: 'c1', execId: 'e1' }));
    expect(await waiting).toBe(3);
    const gone = await service.deleteProcess(
      ctx,
      world.request('DeleteProcessRequest', { containerId: 'c1', execId: 'e1' }),
    );
    expect(gone).toMatchObject({ id: 'e1', pid, exitStatus: 3 });
    await eventually(() => expect(world.seen('/tasks/exit', 'c1')).toMatchObject([{ id: 'e1', pid, exitStatus: 3 }]));

    await service.exec(ctx, { ...exec, execId: 'e2', spec: processOf('sleep 100') });
    await service.start(ctx, world.request('StartRequest', { containerId: 'c1', execId: 'e2' }));
    const { processes } = await service.listPids(ctx, world.request('ListPidsRequest', { containerId: 'c1' }));
    expect(processes.length).toBeGreaterThanOrEqual(2);
    expect(processes.some(({ info }) => info?.typeUrl === 'containerd.runc.v1.ProcessDetails')).toBe(true);
    await world.kill('c1', 'e2', 15);
    expect(await world.wait('c1', 'e2')).toBe(143);
    await world.kill('c1');
    expect(await world.wait('c1')).toBe(137);
    await world.delete('c1');
  });

  test('pauses, resumes, lists and measures', async () => {
    await world.run('c1', 'sleep 100');
    await world.run('c2', 'sleep 100');
    const { ctx, service } = world;
    await service.pause(ctx, world.request('PauseTaskRequest', { containerId: 'c1' }));
    expect(await world.status('c1')).toBe('PAUSED');
    await service.resume(ctx, world.request('ResumeTaskRequest', { containerId: 'c1' }));
    const { tasks } = await service.list(ctx);
    expect(tasks.map(({ id, status }) => [id, status])).toEqual([
      ['c1', 'RUNNING'],
      ['c2', 'RUNNING'],
    ]);
    const { metrics } = await service.metrics(ctx, world.request('MetricsRequest', { filters: ['id==c2'] }));
    expect(metrics.map(({ id, data }) => [id, data?.typeUrl])).toEqual([['c2', 'io.containerd.cgroups.v1.Metrics']]);
    for (const id of ['c1', 'c2']) {
      await world.kill(id);
      await world.wait(id);
      await world.delete(id);
    }
    expect((await service.list(ctx)).tasks).toEqual([]);
  });

  test('a wait ends when its caller leaves, and the others go on', async () => {
    await world.run('c1', 'sleep 100');
    const leaving = new AbortController();
    const request = world.request('WaitRequest', { containerId: 'c1' });
    const left = world.service.wait({ namespace: world.namespace, signal: leaving.signal }, request);
    const stays = world.wait('c1');
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    await world.kill('c1');
    expect(await stays).toBe(137);
    await world.delete('c1');
  });
});
