import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sys } from '../../native/sys.ts';
import { eventually } from '../helpers/eventually.ts';
import { Gantry } from '../helpers/gantry.ts';
import { keepBlob } from '../helpers/keep-blob.ts';
import { cgroupsOf } from '../helpers/leak-guard.ts';
import { exists } from '../helpers/processes.ts';
import { image, Side } from '../helpers/side.ts';
import { listTasks } from '../helpers/tasks.ts';

interface Finding {
  readonly kind: string;
  readonly path: string;
  readonly what: string;
  readonly sizeBytes: number;
  readonly repaired?: boolean;
}

let side: Side;
let gantry: Gantry;

beforeAll(async () => {
  side = await Side.start('gantryd', { image: true });
  gantry = new Gantry(side);
});
afterAll(() => side[Symbol.asyncDispose]());

async function findings(...args: string[]): Promise<Finding[]> {
  const { stdout, stderr, code } = await gantry.try(['doctor', '--json', ...args]);
  expect([0, 3], stderr).toContain(code);
  const found = (JSON.parse(stdout) as { findings: Finding[] }).findings;
  const isWell = found.every(({ repaired }) => repaired === true);
  expect(code).toBe(isWell ? 0 : 3);
  return found;
}

const kindsOf = (found: readonly Finding[]) => [...new Set(found.map(({ kind }) => kind))].sort();

/** What was made is found, stays when only looked at, goes with a repair, and is then no more. */
async function expectFoundAndRepaired(kinds: readonly string[], ...options: string[]): Promise<Finding[]> {
  const found = await findings(...options);
  expect(kindsOf(found)).toEqual([...kinds].sort());
  expect(kindsOf(await findings(...options))).toEqual([...kinds].sort());
  const repaired = await findings('--repair', ...options);
  expect(repaired.filter((finding) => finding.repaired !== true)).toEqual([]);
  expect(await findings(...options)).toEqual([]);
  for (const { path } of found.filter(({ path: each }) => each !== '')) expect(existsSync(path), path).toBe(false);
  return found;
}

const layers = () => join(side.daemon.root, 'io.containerd.snapshotter.v1.overlayfs/snapshots');
const content = () => join(side.daemon.root, 'io.containerd.content.v1.content');
const tasksOf = (folder: string) => join(folder, 'io.containerd.runtime.v2.task', side.namespace);
const pathOfBlob = (digest: string) => join(content(), 'blobs', digest.replace(':', '/'));

test('nothing is found on a daemon that is well', async () => {
  expect(await findings('--verify')).toEqual([]);
  expect(await gantry.ok('doctor')).toBe('nothing found\n');
});

test('stray files of the stores', async () => {
  const bytes = Buffer.alloc(100_000, 'stray');
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  writeFileSync(pathOfBlob(digest), bytes);
  const ingest = join(content(), 'ingest', '0'.repeat(64));
  mkdirSync(ingest);
  writeFileSync(join(ingest, 'data'), bytes);
  mkdirSync(join(layers(), '999', 'fs'), { recursive: true });
  const found = await expectFoundAndRepaired([
    'blob-unreferenced',
    'ingest-without-record',
    'snapshot-directory-without-record',
  ]);
  expect(found.find(({ kind }) => kind === 'blob-unreferenced')).toMatchObject({
    what: `blob ${digest} is in no namespace`,
    path: pathOfBlob(digest),
    sizeBytes: 102_400,
  });
});

test('records whose files are gone', async () => {
  const digest = await keepBlob(side, Buffer.from('to be lost'));
  const before = new Set(readdirSync(layers()));
  await side.ctr.ok('snapshots', 'prepare', 'to-be-lost');
  const [layer = ''] = readdirSync(layers()).filter((name) => !before.has(name));
  unlinkSync(pathOfBlob(digest));
  rmSync(join(layers(), layer), { recursive: true });
  await expectFoundAndRepaired(['blob-record-without-blob', 'snapshot-record-without-directory']);
  expect(await side.ctr.ok('content', 'ls', '-q')).not.toContain(digest);
  expect(await side.ctr.ok('snapshots', 'ls')).not.toContain('to-be-lost');
});

test('a blob with other bytes than its name says', async () => {
  const digest = await keepBlob(side, Buffer.from('right'));
  rmSync(pathOfBlob(digest));
  writeFileSync(pathOfBlob(digest), 'wrong');
  expect(await findings()).toEqual([]);
  await expectFoundAndRepaired(['blob-damaged'], '--verify');
  // It can be had again.
  expect(await keepBlob(side, Buffer.from('right'))).toBe(digest);
  expect(await side.ctr.ok('content', 'get', digest)).toBe('right');
  await side.ctr.ok('content', 'rm', digest);
});

test('remains of tasks: directories, runtime state, cgroups, sockets', async () => {
  for (const path of [
    join(tasksOf(side.daemon.state), 'ghost', 'rootfs'),
    join(tasksOf(side.daemon.state), '.half-removed'),
    join(tasksOf(side.daemon.root), 'workless'),
    join(side.daemon.state, 'runc', side.namespace, 'stateful'),
  ]) {
    mkdirSync(path, { recursive: true });
  }
  const server = createServer().listen(join(side.daemon.state, 's', 'stale'));
  await eventually(() => expect(existsSync(join(side.daemon.state, 's', 'stale'))).toBe(true));
  // Node would remove the socket: it goes on under another name, and nobody listens at this one.
  server.removeAllListeners();
  await side.ctr.ok('run', '--rm', image, 'makes-cgroups', 'true');
  const [cgroup = ''] = cgroupsOf(side.namespace);
  mkdirSync(join(cgroup, 'orphan'));
  writeFileSync(join(side.daemon.state, 's', 'closed'), '');
  const found = await expectFoundAndRepaired([
    'bundle-remains',
    'bundle-without-task',
    'cgroup-without-task',
    'runtime-state-without-task',
    'stale-socket',
    'work-directory-without-bundle',
  ]);
  expect(found.filter(({ kind }) => kind === 'stale-socket').map(({ path }) => path)).toEqual([
    join(side.daemon.state, 's', 'closed'),
  ]);
  await new Promise((resolve) => server.close(resolve));
});

test('mounts nobody owns, also over what they hide', async () => {
  const temporary = join(side.daemon.state, 'mounts', 'mount-forgotten');
  mkdirSync(temporary);
  const bundle = join(tasksOf(side.daemon.state), 'mounted', 'rootfs');
  mkdirSync(bundle, { recursive: true });
  for (const target of [temporary, bundle]) {
    await sys.mount({ type: 'tmpfs', source: 'tmpfs', target, options: ['size=1m'] });
  }
  await expectFoundAndRepaired(['bundle-without-task', 'mount-without-owner']);
});

test('a container that goes on without its bundle is ended, shim and all', async () => {
  await side.ctr.ok('run', '-d', image, 'lost', 'sleep', '1000');
  const pid = (await listTasks(side)).get('lost')?.pid ?? 0;
  const shim = side.daemon.processOf('-id lost');
  await side.daemon.kill();
  const bundle = join(tasksOf(side.daemon.state), 'lost');
  for (const name of readdirSync(bundle)) if (name !== 'rootfs') rmSync(join(bundle, name), { recursive: true });
  await side.daemon.start();
  const found = await findings();
  expect(kindsOf(found)).toEqual(['cgroup-without-task', 'runtime-state-without-task', 'shim-without-task']);
  expect(exists(pid)).toBe(true);
  const repaired = await findings('--repair');
  expect(repaired.filter((finding) => finding.repaired !== true)).toEqual([]);
  await eventually(() => expect([pid, shim.pid].filter(exists)).toEqual([]));
  await eventually(async () => expect(await findings('--repair')).toEqual([]));
  await side.ctr.ok('containers', 'rm', 'lost');
});

test('a task whose container was deleted gets it back', async () => {
  await side.ctr.ok('run', '-d', '--label', 'colour=red', image, 'nameless', 'sleep', '1000');
  await side.client.service('containerd.services.containers.v1.Containers').Delete({ id: 'nameless' });
  const found = await findings('--repair');
  expect(found).toMatchObject([{ kind: 'task-without-container', repaired: true }]);
  expect(await findings()).toEqual([]);
  expect(await side.ctr.ok('containers', 'info', 'nameless')).toContain('"colour": "red"');
  await side.remove('nameless');
});

test('a bundle whose shim lives is given back, not taken away', async () => {
  await side.ctr.ok('run', '-d', image, 'kept', 'sleep', '1000');
  const pid = (await listTasks(side)).get('kept')?.pid ?? 0;
  const bundle = join(tasksOf(side.daemon.state), 'kept');
  await side.daemon.kill();
  // As if a disk that was not mounted yet had hidden it.
  await sys.mount({ type: 'tmpfs', source: 'tmpfs', target: join(bundle, '..'), options: ['size=1m'] });
  await side.daemon.start();
  expect((await listTasks(side)).has('kept')).toBe(false);
  await sys.unmount(join(bundle, '..'), { detach: true });
  expect(kindsOf(await findings())).toContain('bundle-without-task');
  const repaired = await findings('--repair');
  expect(repaired.filter((finding) => finding.repaired !== true)).toEqual([]);
  expect((await listTasks(side)).get('kept')).toMatchObject({ status: 'RUNNING', pid });
  expect(await findings()).toEqual([]);
  await side.remove('kept');
});

test('the log of a detached container that is gone', async () => {
  await gantry.ok('run', '-d', '--name', 'logged', image, 'echo', 'hello');
  await side.remove('logged');
  const found = await expectFoundAndRepaired(['log-without-container']);
  expect(found[0]?.path).toMatch(/logged\.log$/);
});

test('prune tells how many bytes of what, and with --dry-run removes nothing', async () => {
  const bytes = Buffer.alloc(1_000_000, 'x');
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  writeFileSync(pathOfBlob(digest), bytes);
  const kinds = async (...args: string[]) => {
    const { pruned } = await gantry.json<{ pruned: { kind: string; count: number; sizeBytes: number }[] }>(
      'prune',
      ...args,
    );
    return pruned;
  };
  const expected = [{ kind: 'blob-unreferenced', count: 1, sizeBytes: 1_003_520 }];
  expect(await kinds('--dry-run')).toEqual(expected);
  expect(existsSync(pathOfBlob(digest))).toBe(true);
  expect(await kinds()).toEqual(expected);
  expect(existsSync(pathOfBlob(digest))).toBe(false);
  expect(await gantry.ok('prune')).toMatch(/0 B are free\n$/);
  expect(await side.ctr.ok('images', 'ls', '-q')).toContain(image);
});

test('a busy daemon has no orphans', async () => {
  const archive = join(side.daemon.folder, 'image.tar');
  let isOver = false;
  const repeat = async (body: (number: number) => Promise<unknown>) => {
    let number = 0;
    while (!isOver) await body(number++);
    return number;
  };
  const work = Promise.all([
    repeat((n) => side.ctr.ok('run', '--rm', image, `busy-run-${n}`, 'true')),
    repeat(() => side.ctr.ok('images', 'import', archive)),
    repeat(async (n) => {
      await side.ctr.ok('snapshots', 'prepare', `busy-snapshot-${n}`);
      await side.ctr.ok('snapshots', 'rm', `busy-snapshot-${n}`);
    }),
    repeat((n) => side.ctr.try(['content', 'ingest', `busy-${n}`], { input: Buffer.alloc(200_000, `${n}`) })),
  ]);
  const rounds = (async () => {
    try {
      for (let round = 0; round < 3; round++) expect(await findings('--verify')).toEqual([]);
    } finally {
      isOver = true;
    }
  })();
  const [counts] = await Promise.all([work, rounds]);
  expect(Math.min(...counts)).toBeGreaterThan(1);
  expect(await findings()).toEqual([]);
});

test('without a daemon it says so, and who goes on', async () => {
  await side.ctr.ok('run', '-d', image, 'goes-on', 'sleep', '1000');
  await side.daemon.kill();
  const { stdout, stderr, code } = await gantry.try(['doctor']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('cannot connect to gantryd') });
  expect(stdout).toContain(`${side.namespace}/goes-on goes on without the daemon`);
  await side.daemon.start();
  await side.remove('goes-on');
});
