import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bothDaemons } from '../helpers/both.ts';
import { eventually } from '../helpers/eventually.ts';
import { image, Side } from '../helpers/side.ts';
import { listTasks } from '../helpers/tasks.ts';

const config = '[plugins."io.containerd.internal.v1.restart"]\ninterval = "100ms"';
/** Debian's containerd knows no policies yet: it starts again whatever is to run. */
const { scenario } = bothDaemons({ image: true, daemon: { config } });

/** Labels of a container; the image's own are not of interest. */
async function labelsOf({ client }: Side, id: string): Promise<Record<string, string>> {
  const { container } = await client.service('containerd.services.containers.v1.Containers').Get({ id });
  return container?.labels ?? {};
}

const restartsOf = async (side: Side, id: string) => Number((await labelsOf(side, id))['containerd.io/restart.count']);

async function relabelled({ client }: Side, id: string, labels: Record<string, string>): Promise<void> {
  const paths = Object.keys(labels).map((key) => `labels.${key}`);
  await client
    .service('containerd.services.containers.v1.Containers')
    .Update({ container: { id, labels }, updateMask: { paths } });
}

/** Runs a container detached under a policy, writing to a file. */
async function run(side: Side, id: string, policy: string, script: string): Promise<string> {
  const log = join(side.daemon.folder, `${id}.log`);
  const labels = { policy, loguri: `file://${log}` };
  const flags = Object.entries(labels).flatMap(([name, value]) => [
    '--label',
    `containerd.io/restart.${name}=${value}`,
  ]);
  await side.ctr.ok('run', '-d', '--log-uri', `file://${log}`, ...flags, image, id, 'sh', '-c', script);
  // Not before it runs: containerd would start it itself between its creation and its start.
  await relabelled(side, id, { 'containerd.io/restart.status': 'running' });
  return log;
}

/** Takes a container away under the eyes of the monitor, which may just be starting it again. */
async function removed(side: Side, id: string): Promise<void> {
  await relabelled(side, id, { 'containerd.io/restart.status': 'stopped' });
  await eventually(async () => {
    await side.ctr.try(['tasks', 'rm', '-f', id]);
    expect((await listTasks(side)).has(id)).toBe(false);
    expect(await side.ctr.try(['containers', 'rm', id])).toMatchObject({ code: 0 });
  });
}

scenario('always: a container that ends is started again and again', async (side) => {
  const log = await run(side, 'always', 'always', 'echo again');
  await eventually(() => expect(readFileSync(log, 'utf8').split('\n').length).toBeGreaterThanOrEqual(4));
  await removed(side, 'always');
});

scenario('a container that is to be stopped is ended and taken away', async (side) => {
  await run(side, 'unwanted', 'always', 'sleep 1000');
  await removed(side, 'unwanted');
});

scenario('a task that is gone is made again', async (side) => {
  await run(side, 'gone', 'always', 'sleep 1000');
  const before = (await listTasks(side)).get('gone')?.pid;
  await side.ctr.try(['tasks', 'rm', '-f', 'gone']);
  await eventually(async () => {
    const task = (await listTasks(side)).get('gone');
    expect(task?.status).toBe('RUNNING');
    expect(task?.pid).not.toBe(before);
  });
  await removed(side, 'gone');
});

describe('policies of gantryd', () => {
  let side: Side;
  beforeAll(async () => {
    side = await Side.start('gantryd', { image: true, daemon: { config } });
  });
  afterAll(() => side[Symbol.asyncDispose]());

  test('on-failure: as often as it says, and not after a success', async () => {
    await run(side, 'fails', 'on-failure:2', 'exit 3');
    await run(side, 'succeeds', 'on-failure:2', 'true');
    await eventually(async () => expect(await restartsOf(side, 'fails')).toBe(2));
    await eventually(async () => expect((await listTasks(side)).get('fails')?.status).toBe('STOPPED'));
    // Another one that is restarted shows that the monitor has looked at these again.
    await run(side, 'clock', 'always', 'true');
    await eventually(async () => expect(await restartsOf(side, 'clock')).toBeGreaterThanOrEqual(2));
    expect(await restartsOf(side, 'fails')).toBe(2);
    expect(await restartsOf(side, 'succeeds')).toBeNaN();
    for (const id of ['fails', 'succeeds', 'clock']) await removed(side, id);
  });

  test('no, and unless-stopped', async () => {
    await run(side, 'never', 'no', 'exit 3');
    await run(side, 'unless', 'unless-stopped', 'exit 3');
    await eventually(async () => expect(await restartsOf(side, 'unless')).toBeGreaterThanOrEqual(1));
    await relabelled(side, 'unless', { 'containerd.io/restart.explicitly-stopped': 'true' });
    const before = await restartsOf(side, 'unless');
    await run(side, 'clock2', 'always', 'true');
    await eventually(async () => expect(await restartsOf(side, 'clock2')).toBeGreaterThanOrEqual(2));
    expect(await restartsOf(side, 'unless')).toBeLessThanOrEqual(before + 1);
    expect(await restartsOf(side, 'never')).toBeNaN();
    for (const id of ['never', 'unless', 'clock2']) await removed(side, id);
  });
});

test('labels of the image do not count, those of the client do', async () => {
  // What containerd up to 2.2 falls for: the image would have the daemon run a program.
  const prefix = 'containerd.io/restart';
  const evil = {
    [`${prefix}.status`]: 'running',
    [`${prefix}.loguri`]: 'binary:///bin/false',
    'harmless.io/label': 'x',
  };
  await using side = await Side.start('gantryd', { image: { config: { Labels: evil } }, daemon: { config } });
  await side.ctr.ok('run', '-d', image, 'plain', 'sh', '-c', 'exit 3');
  expect(await labelsOf(side, 'plain')).toMatchObject({ 'harmless.io/label': 'x' });
  expect(Object.keys(await labelsOf(side, 'plain')).filter((key) => key.startsWith(prefix))).toEqual([]);
  await run(side, 'asked', 'unless-stopped', 'exit 3');
  await eventually(async () => expect(await restartsOf(side, 'asked')).toBeGreaterThanOrEqual(2));
  expect((await listTasks(side)).get('plain')?.status).toBe('STOPPED');
  await removed(side, 'asked');
  await side.remove('plain');
});
