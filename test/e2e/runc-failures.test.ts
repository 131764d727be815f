import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TempFolder } from '../helpers/paths.ts';
import { image, Side } from '../helpers/side.ts';
import { exitOf, listTasks } from '../helpers/tasks.ts';

/** A hang is ended by the deadline of whoever asked. */
const patienceMs = 1_500;
const toleranceMs = 2_500;

let folder: TempFolder;
let side: Side;

beforeAll(async () => {
  folder = new TempFolder();
  for (const name of ['points', 'bin']) mkdirSync(join(folder.path, name));
  const runc = execFileSync('sh', ['-c', 'command -v runc'], { encoding: 'utf8' }).trim();
  symlinkSync(join(import.meta.dirname, '../faults/runc-wrapper.sh'), join(folder.path, 'bin', 'runc'));
  const env = { GANTRY_SHIM_FAILPOINTS: join(folder.path, 'points'), GANTRY_TEST_RUNC: runc };
  side = await Side.start('gantryd', { image: true, daemon: { env, path: [join(folder.path, 'bin')] } });
});

afterAll(async () => {
  await side[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** The next runc with that verb fails in that way, before it does anything. */
function breakNext(verb: string, how: 'kill' | 'hang' | 'garbage' | 'lie'): void {
  writeFileSync(join(folder.path, 'points', `runc.${verb}.before`), how);
}

const tasks = () => side.client.service('containerd.services.tasks.v1.Tasks');

const words = {
  kill: /signal: Killed|did not terminate|exit status/,
  garbage: /exit status 1/,
  hang: /did not end in time|deadline/i,
} as const;

const calls = {
  start: (containerId: string, timeoutMs: number) => tasks().Start({ containerId }, { timeoutMs }),
  pause: (containerId: string, timeoutMs: number) => tasks().Pause({ containerId }, { timeoutMs }),
  resume: (containerId: string, timeoutMs: number) => tasks().Resume({ containerId }, { timeoutMs }),
  ps: (containerId: string, timeoutMs: number) => tasks().ListPids({ containerId }, { timeoutMs }),
  kill: (containerId: string, timeoutMs: number) => tasks().Kill({ containerId, signal: 9 }, { timeoutMs }),
  delete: (containerId: string, timeoutMs: number) => tasks().Delete({ containerId }, { timeoutMs }),
} as const;

/** A task that has come so far that the verb is next. */
async function before(verb: keyof typeof calls, id: string): Promise<void> {
  await side.ctr.ok('containers', 'create', image, id, 'sleep', '1000');
  const snapshots = side.client.service('containerd.services.snapshots.v1.Snapshots');
  const { mounts } = await snapshots.Mounts({ snapshotter: 'overlayfs', key: id });
  await tasks().Create({ containerId: id, rootfs: mounts });
  if (verb === 'start') return;
  await calls.start(id, 10_000);
  if (verb === 'resume') await calls.pause(id, 10_000);
  if (verb !== 'delete') return;
  await calls.kill(id, 10_000);
  await exitOf(side, id);
}

const ways = (Object.keys(words) as (keyof typeof words)[]).flatMap((how) =>
  (Object.keys(calls) as (keyof typeof calls)[]).map((verb) => ({ verb, how })),
);

test.for(ways)('runc $verb: $how', async ({ verb, how }) => {
  const id = `${verb}-${how}`;
  await before(verb, id);
  await side.ctr.ok('run', '-d', image, 'other', 'sleep', '1000');
  breakNext(verb, how);
  const failed = calls[verb](id, how === 'hang' ? patienceMs : 10_000).catch((error: unknown) => error);
  // Nobody else waits for it.
  const startedAtMs = performance.now();
  expect(await side.ctr.ok('tasks', 'exec', '--exec-id', 'e', 'other', 'echo', 'well')).toBe('well\n');
  expect((await listTasks(side)).get('other')).toMatchObject({ status: 'RUNNING' });
  const error = await failed;
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).toMatch(words[how]);
  if (how === 'hang') expect(performance.now() - startedAtMs).toBeLessThan(patienceMs + toleranceMs);
  // The same works when asked for again.
  await calls[verb](id, 20_000);
  if (verb === 'delete') await side.ctr.ok('containers', 'rm', id);
  else await side.remove(id);
  await side.remove('other');
});

test('a list of processes that is none is an error', async () => {
  await before('ps', 'nonsense');
  breakNext('ps', 'lie');
  await expect(calls.ps('nonsense', 10_000)).rejects.toThrow('malformed');
  await side.remove('nonsense');
});

test.for(['kill', 'garbage'] as const)('runc create: %s', async (how) => {
  await side.ctr.ok('containers', 'create', image, 'new', 'sleep', '1000');
  const snapshots = side.client.service('containerd.services.snapshots.v1.Snapshots');
  const { mounts } = await snapshots.Mounts({ snapshotter: 'overlayfs', key: 'new' });
  breakNext('create', how);
  await expect(tasks().Create({ containerId: 'new', rootfs: mounts })).rejects.toThrow(words[how]);
  expect((await listTasks(side)).has('new')).toBe(false);
  await tasks().Create({ containerId: 'new', rootfs: mounts });
  await side.remove('new');
});
