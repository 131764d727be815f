import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packJson } from '../../proto/any.ts';
import { EventsProcess } from '../helpers/events.ts';
import { eventually } from '../helpers/eventually.ts';
import { repository, shortTempFolder } from '../helpers/paths.ts';
import { descendantsOf, exists } from '../helpers/processes.ts';
import { image, Side } from '../helpers/side.ts';
import { exitOf, listTasks } from '../helpers/tasks.ts';

const runtime = 'io.containerd.foreign.v3';
const shimMark = 'foreign-shim/main.ts';
const specType = 'types.containerd.io/opencontainers/runtime-spec/1/Spec';

/** A folder for PATH with the program `containerd-shim-foreign-v3`. */
function installShim(protocol: string, form: string): string {
  const folder = shortTempFolder();
  const path = join(folder, 'containerd-shim-foreign-v3');
  const node = join(repository, 'node_modules/.bin/node');
  const main = join(repository, 'test/fixtures/foreign-shim/main.ts');
  const env = `FOREIGN_PROTOCOL=${protocol} FOREIGN_START=${form}`;
  writeFileSync(path, `#!/bin/sh\n${env} exec ${node} ${main} "$@"\n`);
  chmodSync(path, 0o755);
  return folder;
}

describe.each([
  ['ttrpc', 'json'],
  ['grpc', 'json'],
  ['grpc', 'params'],
])('a shim over %s that starts with %s', (protocol, form) => {
  let side: Side;
  const path = installShim(protocol, form);
  const run = (...args: string[]) => ['run', '--runtime', runtime, ...args];
  const shims = () => descendantsOf(side.daemon.reaperPids).filter(({ command }) => command.includes(shimMark));
  const controller = () => side.client.service('containerd.services.sandbox.v1.Controller');
  const store = () => side.client.service('containerd.services.sandbox.v1.Store');
  const containers = () => side.client.service('containerd.services.containers.v1.Containers');
  const tasks = () => side.client.service('containerd.services.tasks.v1.Tasks');

  beforeAll(async () => {
    side = await Side.start('gantryd', { image: true, daemon: { path: [path] } });
  });
  afterAll(() => side[Symbol.asyncDispose]());

  test('runs a container, by name and by path', async () => {
    const script = 'echo out; echo err >&2; exit 7';
    const expected = { stdout: 'out\n', stderr: 'err\n', code: 7 };
    expect(await side.ctr.try(run('--rm', image, 'named', 'sh', '-c', script))).toEqual(expected);
    const byPath = ['run', '--runtime', join(path, 'containerd-shim-foreign-v3'), '--rm', image, 'by-path'];
    expect(await side.ctr.try([...byPath, 'sh', '-c', script])).toEqual(expected);
    await eventually(() => expect(shims()).toEqual([]));
  });

  test('execs, kills, lists, and says what the shim cannot do', async () => {
    const { ctr } = side;
    await using events = await EventsProcess.start(ctr, `namespace==${side.namespace}`);
    await ctr.ok(...run('-d', image, 'managed', 'sleep', '1000'));
    const { pid, status } = (await listTasks(side)).get('managed') ?? {};
    expect(status).toBe('RUNNING');
    const output = await ctr.try(['tasks', 'exec', '--exec-id', 'a', 'managed', 'sh', '-c', 'echo out; exit 9']);
    expect(output).toEqual({ stdout: 'out\n', stderr: '', code: 9 });
    expect(await ctr.ok('tasks', 'ps', 'managed')).toContain(`${pid}`);
    expect(await ctr.fails('tasks', 'pause', 'managed')).toContain('not implemented');
    await ctr.ok('tasks', 'kill', '-s', 'KILL', 'managed');
    expect(await exitOf(side, 'managed')).toMatchObject({ exitStatus: 137 });
    await ctr.try(['tasks', 'rm', 'managed']);
    await ctr.ok('containers', 'rm', 'managed');
    const exits = () => events.seen.filter(({ topic }) => topic === '/tasks/exit');
    await eventually(() => expect(exits().length).toBe(2));
  });

  test('a task outlives the daemon, and ends with its shim', async () => {
    await side.ctr.ok(...run('-d', image, 'lasting', 'sleep', '1000'));
    const before = (await listTasks(side)).get('lasting')?.pid;
    await side.daemon.crash();
    expect((await listTasks(side)).get('lasting')).toMatchObject({ status: 'RUNNING', pid: before });
    for (const shim of shims()) process.kill(shim.pid, 'SIGKILL');
    await eventually(async () => expect((await listTasks(side)).has('lasting')).toBe(false));
    await side.ctr.ok('containers', 'rm', 'lasting');
    process.kill(before ?? 0, 'SIGKILL');
  });

  test('a sandbox, a container in it, a restart, and their end', async () => {
    const sandbox = { sandboxId: 'pod', runtime: { name: runtime }, sandboxer: 'shim', spec: packJson(specType, {}) };
    await store().Create({ sandbox });
    await controller().Create({ sandboxId: 'pod', sandboxer: 'shim', sandbox });
    const { pid, address, version } = await controller().Start({ sandboxId: 'pod', sandboxer: 'shim' });
    expect(exists(pid)).toBe(true);
    expect(address).toBe(`${protocol}+unix://${join(side.daemon.folder, 'f-pod.sock')}`);
    expect(version).toBe(3);
    const one = { sandboxId: 'pod', sandboxer: 'shim' };
    expect((await controller().Platform(one)).platform).toMatchObject({ architecture: 'foreign' });
    expect((await controller().Metrics(one)).metrics).toMatchObject({ id: 'pod' });

    const process = { args: ['/bin/sleep', '1000'], cwd: '/' };
    const container = {
      id: 'member',
      runtime: { name: runtime },
      sandbox: 'pod',
      spec: packJson(specType, { process }),
    };
    await containers().Create({ container });
    await tasks().Create({ containerId: 'member' });
    await tasks().Start({ containerId: 'member' });
    expect(shims()).toHaveLength(1);

    await side.daemon.crash();
    expect(await controller().Status({ ...one, verbose: true })).toMatchObject({
      state: 'SANDBOX_READY',
      pid,
      info: { shim: 'foreign' },
      address,
    });
    expect((await listTasks(side)).get('member')).toMatchObject({ status: 'RUNNING' });

    await tasks().Kill({ containerId: 'member', signal: 9 });
    expect(await tasks().Wait({ containerId: 'member' })).toMatchObject({ exitStatus: 137 });
    await tasks().Delete({ containerId: 'member' });
    await containers().Delete({ id: 'member' });
    expect((await controller().Status(one)).state).toBe('SANDBOX_READY');

    const ended = controller().Wait(one);
    await controller().Stop({ ...one, timeoutSecs: 5 });
    expect(await ended).toMatchObject({ exitStatus: 137 });
    await controller().Shutdown(one);
    await store().Delete({ sandboxId: 'pod' });
    await eventually(() => expect(shims()).toEqual([]));
    const bundles = join(side.daemon.state, 'io.containerd.sandbox.controller.v1.shim', side.namespace);
    await eventually(() => expect(existsSync(bundles) ? readdirSync(bundles) : []).toEqual([]));
    expect(await controller().Status(one)).toMatchObject({ state: '', pid: 0 });
    await expect(controller().Shutdown(one)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('sandboxes that cannot be', async () => {
    const sandbox = { sandboxId: 'refused', runtime: { name: runtime }, sandboxer: 'shim' };
    const create = (init: object) => controller().Create({ sandboxId: 'refused', sandboxer: 'shim', sandbox, ...init });
    await expect(create({})).rejects.toMatchObject({ kind: 'unimplemented' });
    await expect(create({ sandboxer: '' })).rejects.toMatchObject({ kind: 'invalid-argument' });
    await expect(create({ sandboxer: 'other' })).rejects.toMatchObject({ kind: 'not-found' });
    const unknown = { ...sandbox, runtime: { name: 'io.containerd.absent.v1' } };
    await expect(create({ sandbox: unknown })).rejects.toThrow(/binary not installed/);
    // Ours makes no sandboxes.
    await expect(
      create({ sandbox: { ...sandbox, runtime: { name: 'io.containerd.runc.v2' }, spec: packJson(specType, {}) } }),
    ).rejects.toMatchObject({ kind: 'unimplemented' });
    await expect(controller().Start({ sandboxId: 'refused', sandboxer: 'shim' })).rejects.toMatchObject({
      kind: 'not-found',
    });
    await eventually(() => expect(shims()).toEqual([]));
  });
});
