import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pack } from '../../proto/any.ts';
import { mountsBelow } from '../helpers/daemon.ts';
import { eventually } from '../helpers/eventually.ts';
import { exists } from '../helpers/processes.ts';
import { debianShim, processOf, shims, TaskWorld } from './task-world.ts';

/** Nothing of a container is left on disk or running. */
async function expectNothingOf(world: TaskWorld, id: string): Promise<void> {
  expect(existsSync(world.bundlePath(id))).toBe(false);
  await eventually(() => {
    for (const directory of ['state', 'root']) {
      const path = join(world.folder, directory, 'io.containerd.runtime.v2.task', world.namespace);
      expect(existsSync(path) ? readdirSync(path) : []).toEqual([]);
    }
  });
  expect(mountsBelow(world.folder)).toEqual([]);
  await eventually(() => expect(world.shimPids(id)).toEqual([]));
}

/** A shim made of a shell script, which finds the path of a file for a process id in PID_FILE. */
function scriptedShim(world: TaskWorld, script: string): string {
  const path = join(world.folder, 'shim');
  writeFileSync(path, `#!/bin/sh\nPID_FILE=${world.folder}/pid\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Passes once the process whose id a scripted shim wrote down is gone. */
async function expectEnded(world: TaskWorld): Promise<void> {
  const pid = Number(readFileSync(join(world.folder, 'pid'), 'utf8'));
  await eventually(() => expect(exists(pid)).toBe(false));
}

describe.each(shims)('%s', (shim) => {
  let world: TaskWorld;
  beforeEach(async () => {
    world = await TaskWorld.open(shim);
  });
  afterEach(async () => {
    await world[Symbol.asyncDispose]();
  });

  test('refuses unknown containers and tasks', async () => {
    await expect(world.status('c1')).rejects.toMatchObject({
      kind: 'not-found',
      message: `container "c1" in namespace "${world.namespace}"`,
    });
    world.addContainer('c1', 'true');
    for (const call of [world.status('c1'), world.kill('c1'), world.wait('c1'), world.delete('c1')]) {
      await expect(call).rejects.toMatchObject({ kind: 'not-found', message: 'task c1 not found' });
    }
  });

  test('refuses a second task of a container, also while the first is being made', async () => {
    world.addContainer('c1', 'sleep 100');
    const request = world.request('CreateTaskRequest', { containerId: 'c1' });
    const results = await Promise.allSettled([
      world.service.create(world.ctx, request),
      world.service.create(world.ctx, request),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find((result) => result.status === 'rejected')?.reason).toMatchObject({
      kind: 'already-exists',
      message: 'task c1',
    });
    await expect(world.service.create(world.ctx, request)).rejects.toMatchObject({ kind: 'already-exists' });
    expect(await world.status('c1')).toBe('CREATED');
  });

  test('refuses to delete a running task, and goes on with it', async () => {
    await world.run('c1', 'sleep 100');
    await expect(world.delete('c1')).rejects.toThrow(/^failed to delete task: /);
    expect(await world.status('c1')).toBe('RUNNING');
    await world.kill('c1');
    await world.wait('c1');
    await world.delete('c1');
    await expectNothingOf(world, 'c1');
  });

  test('refuses bad execs', async () => {
    await world.run('c1', 'sleep 100');
    const { ctx, service } = world;
    const exec = world.request('ExecProcessRequest', { containerId: 'c1', execId: 'e1', spec: processOf('true') });
    await expect(service.exec(ctx, { ...exec, execId: '' })).rejects.toMatchObject({
      kind: 'invalid-argument',
      message: 'exec id cannot be empty',
    });
    await expect(service.exec(ctx, { ...exec, execId: '../e' })).rejects.toThrow(/^invalid exec id \.\.\/e: /);
    await service.exec(ctx, exec);
    await expect(service.exec(ctx, exec)).rejects.toMatchObject({ kind: 'already-exists' });
    await expect(world.kill('c1', 'none')).rejects.toMatchObject({ kind: 'not-found' });
    const close = world.request('CloseIORequest', { containerId: 'c1', execId: 'none' });
    await expect(service.closeIo(ctx, close)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('a command that is not there fails the start, and the task can be deleted', async () => {
    world.addContainer('c1', '', { args: ['/nowhere'] });
    const request = world.request('CreateTaskRequest', { containerId: 'c1' });
    const failed = world.service
      .create(world.ctx, request)
      .then(() => world.service.start(world.ctx, world.request('StartRequest', { containerId: 'c1' })));
    await expect(failed).rejects.toThrow(/\/nowhere/);
    await world.delete('c1').catch(() => undefined);
    await expectNothingOf(world, 'c1');
  });

  test('a creation that runc refuses leaves nothing behind', async () => {
    world.addContainer('c1', 'true');
    world.alterContainer('c1', { spec: { typeUrl: '', value: Buffer.from('{ not json') } });
    const request = world.request('CreateTaskRequest', { containerId: 'c1' });
    // Debian's shim looks for its group in the spec and fails to start; ours leaves the spec to runc.
    await expect(world.service.create(world.ctx, request)).rejects.toThrow(
      /^failed to (start shim|create shim task): /,
    );
    await expectNothingOf(world, 'c1');
    await world.run('c1', 'exit 1');
    expect(await world.wait('c1')).toBe(1);
    await world.delete('c1');
  });

  test('a rootfs that cannot be mounted leaves nothing behind', async () => {
    world.addContainer('c1', 'true');
    const rootfs = [{ type: 'bind', source: '/nowhere', target: '', options: ['rbind'] }];
    const request = world.request('CreateTaskRequest', { containerId: 'c1', rootfs });
    await expect(world.service.create(world.ctx, request)).rejects.toThrow(/^failed to create shim task: .*mount/);
    await expectNothingOf(world, 'c1');
  });

  test('a caller that leaves takes the creation back', async () => {
    world.addContainer('c1', 'true');
    const leaving = new AbortController();
    const request = world.request('CreateTaskRequest', { containerId: 'c1' });
    const creating = world.service.create({ namespace: world.namespace, signal: leaving.signal }, request);
    await eventually(() => expect(world.shimPids('c1').length).toBeGreaterThan(0), { intervalMs: 1 });
    leaving.abort();
    await creating.catch(() => undefined);
    if (world.manager.list(world.namespace).length === 0) await expectNothingOf(world, 'c1');
    else expect(await world.status('c1')).toBe('CREATED');
  });
});

describe('requests that no shim sees', () => {
  let world: TaskWorld;
  beforeEach(async () => {
    world = await TaskWorld.open(debianShim, { startMs: 300, cleanupMs: 300, shutdownMs: 300, dialMs: 300 });
    world.addContainer('c1', 'true');
  });
  afterEach(async () => {
    await world[Symbol.asyncDispose]();
  });

  const create = (more: object = {}) =>
    world.service.create(world.ctx, world.request('CreateTaskRequest', { containerId: 'c1', ...more }));

  test.each([
    [
      'io.containerd.nosuch.v1',
      /^failed to start shim: failed to resolve runtime path: runtime "io.containerd.nosuch.v1"/,
    ],
    ['nodots', /^failed to start shim: failed to resolve runtime path: invalid runtime name nodots/],
    ['/nowhere/shim', /^failed to start shim: failed to resolve runtime path: invalid custom binary path/],
  ])('the runtime %s', async (runtimePath, message) => {
    await expect(create({ runtimePath })).rejects.toThrow(message);
    await expectNothingOf(world, 'c1');
  });

  test('options of a type that runc does not take', async () => {
    const options = pack('containerd.events.TaskExit', {});
    await expect(create({ options })).rejects.toThrow('invalid task create option for io.containerd.runc.v2');
  });

  test('a checkpoint of another type, and the address of no sandbox', async () => {
    const checkpoint = { mediaType: 'x', digest: '', size: 0, annotations: {} };
    const refused = { kind: 'unknown', message: 'unsupported checkpoint type "x"' };
    await expect(create({ checkpoint })).rejects.toMatchObject(refused);
    await expect(create({ taskApiAddress: 'unix:///x' })).rejects.toThrow(/^the scheme of sandbox address/);
  });

  test('a shim whose start fails is quoted', async () => {
    const runtimePath = scriptedShim(world, 'echo no such luck >&2; exit 3');
    await expect(create({ runtimePath })).rejects.toThrow(
      'failed to start shim: start failed: no such luck: exit status 3',
    );
    await expectNothingOf(world, 'c1');
  });

  test('a shim whose start never answers is bounded in time and killed', async () => {
    const runtimePath = scriptedShim(world, 'exec sleep 60');
    const startedAtMs = performance.now();
    await expect(create({ runtimePath })).rejects.toMatchObject({
      kind: 'deadline-exceeded',
      message: expect.stringMatching(/^failed to start shim: start failed: .* did not end within 300 ms/),
    });
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
    await expectNothingOf(world, 'c1');
  });

  test('a shim that answers with an address where nobody is', async () => {
    const runtimePath = scriptedShim(
      world,
      'case "$*" in *delete) exit 0; esac; sleep 60 <&- >&- 2>&- & echo $! > "$PID_FILE"; echo unix:///nowhere/socket',
    );
    await expect(create({ runtimePath })).rejects.toThrow(/^failed to start shim: ttrpc: connect to \/nowhere\/socket/);
    await expectNothingOf(world, 'c1');
    await expectEnded(world);
  });
});

test('a shim that takes requests and answers none is ended after its bounds', async () => {
  await using world = await TaskWorld.open(debianShim, { cleanupMs: 300, shutdownMs: 300 });
  world.addContainer('c1', 'true');
  const socket = join(world.folder, 'mute');
  const mute = `require('net').createServer(() => {}).listen('${socket}', () => console.log('unix://${socket}'))`;
  const runtimePath = scriptedShim(
    world,
    `[ "$(eval echo \\$$#)" = delete ] && exit 1
    ${process.execPath} -e "${mute}" 2>&- <&- > out & echo $! > "$PID_FILE"
    while ! [ -s out ]; do sleep 0.01; done; cat out`,
  );
  const leaving = new AbortController();
  const request = world.request('CreateTaskRequest', { containerId: 'c1', runtimePath });
  const creating = world.service.create({ namespace: world.namespace, signal: leaving.signal }, request);
  await eventually(() => world.manager.get(world.namespace, 'c1'));
  const leftAtMs = performance.now();
  leaving.abort();
  await expect(creating).rejects.toMatchObject({ kind: 'canceled' });
  expect(performance.now() - leftAtMs).toBeLessThan(2_000);
  await expectNothingOf(world, 'c1');
  await expectEnded(world);
});
