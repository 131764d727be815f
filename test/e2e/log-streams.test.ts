import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createContainer, logStdio, type Process, removeContainer, startTask } from '../../client/index.ts';
import { eventually } from '../helpers/eventually.ts';
import { image, Side } from '../helpers/side.ts';

let side: Side;
beforeAll(async () => {
  side = await Side.start('gantryd', { image: true });
});
afterAll(() => side[Symbol.asyncDispose]());

const streams = () => side.client.service('gantry.shim.v1.Streams');

const counting = 'i=0; while :; do echo $i; i=$((i + 1)); sleep 0.02; done';

async function started(id: string, uri: string): Promise<Process> {
  const container = await createContainer(side.client, { id, image, args: ['sh', '-c', counting] });
  return startTask(side.client, container, logStdio(uri, { terminal: false }));
}

const linesOf = (path: string) =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => Number(line.split(' ')[3]))
    : [];

/** More lines than the log had. */
const grows = async (path: string) => {
  const before = linesOf(path).length;
  await eventually(() => expect(linesOf(path).length).toBeGreaterThan(before));
};

test('a log that was renamed is made anew on request, and no line is lost between the two', async () => {
  const log = join(side.daemon.folder, 'renamed.log');
  await started('renamed', `cri://${log}`);
  await grows(log);
  renameSync(log, `${log}.1`);
  await grows(`${log}.1`);
  expect(existsSync(log)).toBe(false);
  await streams().ReopenLog({ containerId: 'renamed' });
  await grows(log);
  const all = [...linesOf(`${log}.1`), ...linesOf(log)];
  expect(all).toEqual(all.map((_, number) => number));
  await removeContainer(side.client, 'renamed', { force: true });
});

test('a log that cannot be made anew is written on; the failure is told, and counted', async () => {
  const log = join(side.daemon.folder, 'kept.log');
  await started('kept', `cri://${log}`);
  await grows(log);
  expect(await streams().Stat({ containerId: 'kept' })).toMatchObject({ logPath: log, errors: 0, lostBytes: 0 });
  renameSync(log, `${log}.1`);
  mkdirSync(log);
  const refused = streams().ReopenLog({ containerId: 'kept' });
  await expect(refused).rejects.toMatchObject({ kind: 'unknown', message: expect.stringContaining('Is a directory') });
  await grows(`${log}.1`);
  const { readBytes, loggedBytes, ...rest } = await streams().Stat({ containerId: 'kept' });
  expect(rest).toMatchObject({ errors: 1, lastError: 'Is a directory', lostBytes: 0, attached: 0 });
  expect(readBytes).toBeGreaterThan(0);
  expect(loggedBytes).toBeGreaterThan(readBytes);
  await removeContainer(side.client, 'kept', { force: true });
});

test('there is nothing to reopen for a process without a log, and for none at all', async () => {
  const container = await createContainer(side.client, { id: 'mute', image, args: ['sleep', '1000'] });
  await startTask(side.client, container, { paths: { stdin: '', stdout: '', stderr: '', terminal: false } });
  const { ReopenLog, Stat } = streams();
  await expect(ReopenLog({ containerId: 'mute' })).rejects.toMatchObject({ kind: 'failed-precondition' });
  expect(await Stat({ containerId: 'mute' })).toMatchObject({ logPath: '', readBytes: 0 });
  await expect(ReopenLog({ containerId: 'mute', execId: 'none' })).rejects.toMatchObject({ kind: 'not-found' });
  await expect(Stat({ containerId: 'none' })).rejects.toMatchObject({ kind: 'not-found' });
  await removeContainer(side.client, 'mute', { force: true });
});
