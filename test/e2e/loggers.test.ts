import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createContainer, logStdio, type Process, removeContainer, startTask } from '../../client/index.ts';
import { eventually } from '../helpers/eventually.ts';
import { listProcesses } from '../helpers/processes.ts';
import { image, Side } from '../helpers/side.ts';
import { listTasks } from '../helpers/tasks.ts';

/** Logging programs that do not do their part. None may cost more than what its own container says. */

let side: Side;
beforeAll(async () => {
  side = await Side.start('gantryd', { image: true });
});
afterAll(() => side[Symbol.asyncDispose]());

/** More than all pipes on the way hold. */
const bytes = 4_000_000;

/** URI of a logging program, a shell script: 3 is the output, 4 the errors, 5 is closed when it is ready. */
function logger(name: string, text: string): string {
  const path = join(side.daemon.folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return `binary://${path}`;
}

async function started(id: string, uri: string, script: string, timeoutMs = 20_000): Promise<Process> {
  const container = await createContainer(side.client, { id, image, args: ['sh', '-c', script] });
  return await startTask(side.client, container, logStdio(uri, { terminal: false }), { timeoutMs });
}

/** What a logging program becomes that does nothing more; the number tells which. */
const asleep = (seconds: number) => `/bin/sleep ${seconds}`;
const sleepers = (seconds: number) => listProcesses().filter(({ command }) => command === asleep(seconds));

test('one that is never ready: the container is not made, in the time the client gives', async () => {
  const begun = performance.now();
  const failure = started('never-ready', logger('never-ready', `exec ${asleep(100_001)}`), 'true', 2000);
  await eventually(() => expect(sleepers(100_001)).toHaveLength(1));
  await expect(failure).rejects.toMatchObject({ kind: 'deadline-exceeded' });
  expect(performance.now() - begun).toBeLessThan(10_000);
  await eventually(() => expect(sleepers(100_001)).toEqual([]));
  await eventually(async () => expect((await listTasks(side)).has('never-ready')).toBe(false));
  await removeContainer(side.client, 'never-ready', { force: true });
});

test('one that never reads: the container waits, can be killed, and its end waits for nobody for long', async () => {
  const uri = logger('never-reads', `exec 5>&-\nexec ${asleep(100_002)}`);
  const task = await started('never-reads', uri, `head -c ${bytes} /dev/zero`);
  const other = await started('beside', 'file:///dev/null', 'exit 3');
  expect(await other.wait()).toMatchObject({ status: 3 });
  await other.delete();
  expect(await task.status()).toBe('RUNNING');
  expect(sleepers(100_002)).toHaveLength(1);
  await task.kill(9);
  expect(await task.wait()).toMatchObject({ status: 137 });
  const begun = performance.now();
  expect(await task.delete({ timeoutMs: 30_000 })).toMatchObject({ status: 137 });
  expect(performance.now() - begun).toBeLessThan(20_000);
  await eventually(() => expect(sleepers(100_002)).toEqual([]));
  for (const id of ['never-reads', 'beside']) await removeContainer(side.client, id, { force: true });
});

test('one that dies half-way: the container goes on to its end, and has the output up to there logged', async () => {
  const log = join(side.daemon.folder, 'half.log');
  const uri = logger('dies', `exec 5>&-\nread line <&3\necho "$line" >${log}\nkill -9 $$`);
  const task = await started('dies', uri, `echo first; head -c ${bytes} /dev/zero; exit 7`);
  expect(await task.wait({ timeoutMs: 30_000 })).toMatchObject({ status: 7 });
  expect(readFileSync(log, 'utf8')).toBe('first\n');
  await task.delete();
  await removeContainer(side.client, 'dies', { force: true });
});
