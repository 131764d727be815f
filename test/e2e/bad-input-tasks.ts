import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { GantryError } from '../../base/errors.ts';
import { createContainer } from '../../client/index.ts';
import { pack, packJson } from '../../proto/any.ts';
import { collectScenarios } from '../helpers/both.ts';
import { eventually } from '../helpers/eventually.ts';
import { image, type Side } from '../helpers/side.ts';
import { exitOf, listTasks } from '../helpers/tasks.ts';

/** What the task service has to refuse, and what it has to bear. */
export const { scenario, declare } = collectScenarios();

const tasksOf = ({ client }: Side) => client.service('containerd.services.tasks.v1.Tasks');
const resourcesType = 'types.containerd.io/opencontainers/runtime-spec/1/LinuxResources';
const processType = 'types.containerd.io/opencontainers/runtime-spec/1/Process';
const process = (args: string[], env: string[] = []) =>
  packJson(processType, { args, env: ['PATH=/bin', ...env], cwd: '/', user: { uid: 0, gid: 0 } });

/** Code and text of a call, "ok" for one that succeeds; without the name of the class, which not all releases add. */
async function answerOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    return `${error.kind}: ${error.message.replace(new RegExp(`: ${error.kind.replaceAll('-', ' ')}$`), '')}`;
  }
}

/** Makes calls one after another and keeps their answers by name. */
async function answers(calls: Record<string, () => Promise<unknown>>): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, call] of Object.entries(calls)) found[name] = await answerOf(call());
  return found;
}

async function made(side: Side, id: string, ...args: string[]): Promise<void> {
  await createContainer(side.client, { id, image, args });
  const { mounts } = await side.client
    .service('containerd.services.snapshots.v1.Snapshots')
    .Mounts({ snapshotter: 'overlayfs', key: id });
  await tasksOf(side).Create({ containerId: id, rootfs: mounts });
}

const statusOf = async (side: Side, id: string) => (await listTasks(side)).get(id)?.status;

async function stopped(side: Side, containerId: string): Promise<void> {
  await tasksOf(side).Kill({ containerId, signal: 9 });
  await exitOf(side, containerId);
  await eventually(async () => expect(await statusOf(side, containerId)).toBe('STOPPED'));
}

async function removed(side: Side, containerId: string): Promise<void> {
  await tasksOf(side).Delete({ containerId });
  await side.ctr.ok('containers', 'rm', containerId);
}

scenario('what is not allowed in a state of a task', async (side) => {
  const tasks = tasksOf(side);
  const containerId = 'states';
  const all = {
    pause: () => tasks.Pause({ containerId }),
    resume: () => tasks.Resume({ containerId }),
    delete: () => tasks.Delete({ containerId }),
    deleteProcess: () => tasks.DeleteProcess({ containerId }),
    start: () => tasks.Start({ containerId }),
    exec: () => tasks.Exec({ containerId, execId: 'e', spec: process(['true']) }),
    update: () => tasks.Update({ containerId, resources: packJson(resourcesType, {}) }),
    checkpoint: () => tasks.Checkpoint({ containerId }),
    kill: () => tasks.Kill({ containerId, signal: 9 }),
    killAll: () => tasks.Kill({ containerId, signal: 9, all: true }),
    killExec: () => tasks.Kill({ containerId, execId: 'none', signal: 9 }),
    resize: () => tasks.ResizePty({ containerId, width: 0, height: 1_000_000_000 }),
    closeIo: () => tasks.CloseIO({ containerId, stdin: true }),
    pids: () => tasks.ListPids({ containerId }),
  };
  const { start: _start, kill: _kill, killAll: _all, delete: _delete, deleteProcess: _process, ...whileCreated } = all;
  const { pause: _pause, kill: _killed, killAll: _killedAll, checkpoint: _checkpoint, ...whileRunning } = all;
  await made(side, containerId, 'sleep', '1000');
  const created = await answers({ pause: all.pause, resume: all.resume, checkpoint: whileCreated.checkpoint });
  await tasks.Start({ containerId });
  const running = await answers({ ...whileRunning, execAgain: all.exec });
  expect(await statusOf(side, containerId)).toBe('RUNNING');
  await tasks.Pause({ containerId });
  const { resume: _resume, update: _update, pids: _pids, checkpoint: _check, ...whilePaused } = all;
  const paused = await answers({ ...whilePaused, kill: async () => undefined, killAll: async () => undefined });
  expect(await statusOf(side, containerId)).toBe('PAUSED');
  await tasks.Resume({ containerId });
  await stopped(side, containerId);
  const { delete: _deleted, deleteProcess: _deletedProcess, pids: _listed, killAll: _every, ...whileStopped } = all;
  const ended = await answers(whileStopped);
  await tasks.Delete({ containerId });
  const deleted = await answers(all);
  await side.ctr.ok('containers', 'rm', containerId);
  const unknown = await answers({ start: all.start, delete: all.delete, kill: all.kill });
  return { created, running, paused, ended, deleted, unknown };
});

scenario('signals that are none', async (side) => {
  const tasks = tasksOf(side);
  const containerId = 'signals';
  await made(side, containerId, 'sleep', '1000');
  await tasks.Start({ containerId });
  const signals = [0, 65, 1000, 4294967295];
  const found = await answers(
    Object.fromEntries(signals.map((signal) => [`${signal}`, () => tasks.Kill({ containerId, signal })])),
  );
  expect(await statusOf(side, containerId)).toBe('RUNNING');
  await stopped(side, containerId);
  await removed(side, containerId);
  return found;
});

scenario('the first process is deleted as if it were an exec', async (side) => {
  const tasks = tasksOf(side);
  const containerId = 'bared';
  await made(side, containerId, 'sleep', '1000');
  await tasks.Start({ containerId });
  await stopped(side, containerId);
  const { exitStatus, id } = await tasks.DeleteProcess({ containerId });
  const found = await answers({
    get: () => tasks.Get({ containerId }),
    start: () => tasks.Start({ containerId }),
    delete: () => tasks.Delete({ containerId }),
    deleteAgain: () => tasks.Delete({ containerId }),
  });
  await side.ctr.ok('containers', 'rm', containerId);
  return { exitStatus, id, found };
});

scenario('limits that are none', async (side) => {
  const tasks = tasksOf(side);
  const containerId = 'limits';
  await made(side, containerId, 'sleep', '1000');
  await tasks.Start({ containerId });
  const { text, ...found } = await answers({
    cpus: () => tasks.Update({ containerId, resources: packJson(resourcesType, { cpu: { cpus: '4096' } }) }),
    text: () => tasks.Update({ containerId, resources: { typeUrl: resourcesType, value: Buffer.from('none') } }),
    unknownType: () => tasks.Update({ containerId, resources: { typeUrl: 'x', value: Buffer.from('{}') } }),
  });
  // Its shim finds out, ours has runc find out.
  expect(text).toContain('invalid character');
  expect(await statusOf(side, containerId)).toBe('RUNNING');
  await stopped(side, containerId);
  await removed(side, containerId);
  return found;
});

scenario('what is not allowed in a state of an exec', async (side) => {
  const tasks = tasksOf(side);
  const containerId = 'execs';
  await made(side, containerId, 'sleep', '1000');
  await tasks.Start({ containerId });
  const exec = { containerId, execId: 'e' };
  const all = {
    start: () => tasks.Start(exec),
    delete: () => tasks.DeleteProcess(exec),
    kill: () => tasks.Kill({ ...exec, signal: 9 }),
    add: () => tasks.Exec({ ...exec, spec: process(['true']) }),
    resize: () => tasks.ResizePty({ ...exec, width: 0, height: 0 }),
  };
  await tasks.Exec({ ...exec, spec: process(['sleep', '1000']) });
  const added = await answers({ kill: all.kill, add: all.add });
  await tasks.Start(exec);
  const running = await answers({ start: all.start, delete: all.delete, add: all.add });
  await tasks.Kill({ ...exec, signal: 9 });
  const { exitStatus } = await tasks.Wait(exec);
  const ended = await answers({ start: all.start, kill: all.kill, resize: all.resize, add: all.add });
  await tasks.DeleteProcess(exec);
  const deleted = await answers({
    start: all.start,
    delete: all.delete,
    kill: all.kill,
    wait: () => tasks.Wait(exec),
    get: () => tasks.Get(exec),
  });
  await stopped(side, containerId);
  await removed(side, containerId);
  return { added, running, exitStatus, ended, deleted };
});

scenario('a task of a checkpoint that is none', async (side) => {
  const tasks = tasksOf(side);
  const containerId = 'unrestorable';
  await createContainer(side.client, { id: containerId, image, args: ['sleep', '1000'] });
  const snapshots = side.client.service('containerd.services.snapshots.v1.Snapshots');
  const { mounts } = await snapshots.Mounts({ snapshotter: 'overlayfs', key: containerId });
  const criuImagePath = join(side.daemon.folder, 'no-images');
  mkdirSync(criuImagePath);
  const options = pack('containerd.runc.v1.Options', { criuImagePath });
  const { pid } = await tasks.Create({ containerId, rootfs: mounts, options });
  const status = await statusOf(side, containerId);
  const { start, ...created } = await answers({
    exec: () => tasks.Exec({ containerId, execId: 'e', spec: process(['true']) }),
    pause: () => tasks.Pause({ containerId }),
    checkpoint: () => tasks.Checkpoint({ containerId }),
    start: () => tasks.Start({ containerId }),
    delete: () => tasks.Delete({ containerId }),
  });
  // What criu has to say differs from run to run.
  expect(start).toMatch(/^unknown: OCI runtime restore failed: /);
  const other = { mediaType: 'application/json', digest: `sha256:${'0'.repeat(64)}`, size: 0 };
  const image1 = await answerOf(tasks.Create({ containerId, rootfs: mounts, checkpoint: other }));
  const wrong = pack('containerd.runc.v1.CheckpointOptions', {});
  const options1 = await answerOf(tasks.Create({ containerId, rootfs: mounts, options: wrong }));
  await side.ctr.ok('containers', 'rm', containerId);
  return { pid, status, created, image1, options1 };
});

scenario('a process that is not JSON, or is no process', async (side) => {
  const tasks = tasksOf(side);
  const containerId = 'malformed';
  await made(side, containerId, 'sleep', '1000');
  await tasks.Start({ containerId });
  const bad = { text: 'not json', list: '[]', number: '7', cut: '{"args":["true"' };
  const kinds: Record<string, boolean> = {};
  for (const [name, text] of Object.entries(bad)) {
    const spec = { typeUrl: processType, value: Buffer.from(text) };
    kinds[name] = (await answerOf(tasks.Exec({ containerId, execId: name, spec }))) !== 'ok';
  }
  await tasks.Exec({ containerId, execId: 'empty', spec: packJson(processType, {}) });
  const empty = await answerOf(tasks.Start({ containerId, execId: 'empty' }));
  expect(empty).not.toBe('ok');
  expect(await statusOf(side, containerId)).toBe('RUNNING');
  await stopped(side, containerId);
  await removed(side, containerId);
  return { kinds, empty };
});

scenario('a megabyte of environment', async (side) => {
  const tasks = tasksOf(side);
  const containerId = 'environment';
  await made(side, containerId, 'sleep', '1000');
  await tasks.Start({ containerId });
  const parts = Array.from({ length: 16 }, (_, n) => `PART${n}=${'x'.repeat(64 << 10)}`);
  const script = '[ $(env | sed -n s/^PART[0-9]*=//p | tr -d "\\n" | wc -c) = 1048576 ]';
  await tasks.Exec({ containerId, execId: 'many', spec: process(['sh', '-c', script], parts) });
  await tasks.Start({ containerId, execId: 'many' });
  expect(await tasks.Wait({ containerId, execId: 'many' })).toMatchObject({ exitStatus: 0 });
  // One variable of a megabyte is more than the kernel takes.
  await tasks.Exec({ containerId, execId: 'one', spec: process(['true'], [`ALL=${'x'.repeat(1 << 20)}`]) });
  const tooLong = await answerOf(tasks.Start({ containerId, execId: 'one' }));
  const { exitStatus } = await tasks.Wait({ containerId, execId: 'one' });
  expect(exitStatus).not.toBe(0);
  await stopped(side, containerId);
  await removed(side, containerId);
  return { tooLong, exitStatus };
});

scenario('many who wait for the same process are all told', async (side) => {
  const tasks = tasksOf(side);
  const containerId = 'awaited';
  await made(side, containerId, 'sleep', '1000');
  await tasks.Start({ containerId });
  const waits = Array.from({ length: 100 }, () => tasks.Wait({ containerId }));
  const [gone] = await Promise.all([
    answerOf(tasks.Wait({ containerId }, { timeoutMs: 100 })),
    tasks.Kill({ containerId, signal: 15 }).then(() => tasks.Kill({ containerId, signal: 9 })),
  ]);
  const exits = await Promise.all(waits);
  expect(new Set(exits.map((exit) => JSON.stringify(exit))).size).toBe(1);
  await removed(side, containerId);
  return { status: exits[0]?.exitStatus, gone: gone === 'ok' || gone.startsWith('deadline') };
});
