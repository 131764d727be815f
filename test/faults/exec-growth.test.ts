import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createContainer, execProcess, logStdio, ProcessIo, startTask } from '../../client/index.ts';
import { forEachLimited } from '../../daemon/runtime/map-limit.ts';
import { exists, memoryOf } from '../helpers/processes.ts';
import { image, Side } from '../helpers/side.ts';
import { isFull } from './moments.ts';

/** The whole of it takes ten minutes. */
const execs = isFull ? 10_000 : 400;
/** Before the first measurement, so that caches and pools are filled. */
const warmUp = execs / 10;
const concurrency = 4;
const containerId = 'host';
/** What the daemon may take, with its program. */
const daemonBytesMax = 120_000_000;

let side: Side;
beforeAll(async () => {
  side = await Side.start('gantryd', { image: true });
  const container = await createContainer(side.client, { id: containerId, image, args: ['sleep', '100000'] });
  await startTask(side.client, container, logStdio('file:///dev/null', { terminal: false }));
});

afterAll(async () => {
  await side.remove(containerId);
  await side[Symbol.asyncDispose]();
});

const spec = { args: ['echo', 'said'], env: ['PATH=/bin'], cwd: '/', user: { uid: 0, gid: 0 } };

/** One process to its end; every other one with its output in a fifo that is read. */
async function run(number: number): Promise<void> {
  const { client } = side;
  const stdout = new PassThrough();
  await using io =
    number % 2 === 0 ? await ProcessIo.create(client, { stdout, stderr: stdout, terminal: false }) : undefined;
  const stdio = io ?? { paths: { stdin: '', stdout: '', stderr: '', terminal: false } };
  const process = await execProcess(client, { containerId, execId: `e${number}`, spec }, stdio);
  expect(await process.wait()).toMatchObject({ status: 0 });
  await process.delete();
  await io?.drained();
  if (io !== undefined) expect(String(stdout.read())).toBe('said\n');
}

const namesIn = (path: string) => (existsSync(path) ? readdirSync(path).length : 0);

/** What one process holds. */
function holdings(pid: number) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    rssKiB: memoryOf(pid, 'Rss') >> 10,
    files: namesIn(`/proc/${pid}/fd`),
    threads: Number(/^Threads:\s+(\d+)/m.exec(status)?.[1]),
  };
}

function measure() {
  const { daemon, namespace } = side;
  const bundle = join(daemon.state, 'io.containerd.runtime.v2.task', namespace, containerId);
  return {
    shim: holdings(daemon.processOf('containerd-shim').pid),
    daemon: holdings(daemon.pid),
    bundleFiles: namesIn(bundle),
    fifos: namesIn(join(daemon.folder, 'fifo')),
  };
}

test(`${execs} execs leave nothing behind`, { timeout: 3_600_000 }, async () => {
  const numbers = Array.from({ length: execs + warmUp }, (_, number) => number);
  await forEachLimited(numbers.slice(0, warmUp), concurrency, run);
  const before = measure();
  await forEachLimited(numbers.slice(warmUp), concurrency, run);
  const after = measure();
  console.table({ before: flat(before), after: flat(after) });
  expect(after).toMatchObject({ bundleFiles: before.bundleFiles, fifos: before.fifos });
  expect(after.shim).toMatchObject({ files: before.shim.files, threads: 1 });
  // An allocator may keep a page or two; a leak of one small block per exec would be hundreds of KiB.
  expect(after.shim.rssKiB - before.shim.rssKiB).toBeLessThanOrEqual(64);
  expect(after.daemon.threads).toBe(before.daemon.threads);
  expect(Math.abs(after.daemon.files - before.daemon.files)).toBeLessThanOrEqual(2);
  expect(after.daemon.rssKiB - before.daemon.rssKiB).toBeLessThan(24 << 10);
  expect(after.daemon.rssKiB * 1024).toBeLessThanOrEqual(daemonBytesMax);
});

test('1000 execs at once all run, and the task goes on', { timeout: 300_000 }, async () => {
  const { client, daemon } = side;
  const tasks = client.service('containerd.services.tasks.v1.Tasks');
  const names = Array.from({ length: isFull ? 1000 : 100 }, (_, number) => `at-once-${number}`);
  const ends = await Promise.all(
    names.map(async (execId) => {
      const stdio = { paths: { stdin: '', stdout: '', stderr: '', terminal: false } };
      const process = await execProcess(client, { containerId, execId, spec }, stdio, { timeoutMs: 280_000 });
      const { status } = await process.wait();
      await process.delete();
      return status;
    }),
  );
  expect(new Set(ends)).toEqual(new Set([0]));
  const { process } = await tasks.Get({ containerId });
  expect(process).toMatchObject({ status: 'RUNNING' });
  expect(exists(process?.pid ?? 0)).toBe(true);
  expect((await tasks.ListPids({ containerId })).processes).toHaveLength(1);
  expect(holdings(daemon.processOf('containerd-shim').pid)).toMatchObject({ threads: 1 });
});

function flat({ shim, daemon, ...rest }: ReturnType<typeof measure>) {
  return {
    shimRssKiB: shim.rssKiB,
    shimFiles: shim.files,
    daemonRssKiB: daemon.rssKiB,
    daemonFiles: daemon.files,
    daemonThreads: daemon.threads,
    ...rest,
  };
}
