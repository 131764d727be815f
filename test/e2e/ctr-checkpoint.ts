import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { collectScenarios } from '../helpers/both.ts';
import { eventually } from '../helpers/eventually.ts';
import { image, type Side } from '../helpers/side.ts';
import { listTasks } from '../helpers/tasks.ts';

/** Checkpoints of tasks and containers; they want a criu that works. */
export const { scenario, declare } = collectScenarios();

/** Counts up in a file of its own root file system and ends with 3 once it is told to. */
const counts = 'i=0; while [ ! -e /stop ]; do i=$((i+1)); echo $i >/count; usleep 10000; done; exit 3';
const countOf = async ({ ctr }: Side, id: string, execId: string) =>
  Number(await ctr.ok('tasks', 'exec', '--exec-id', execId, id, 'cat', '/count'));
const statusOf = async (side: Side, id: string) => (await listTasks(side)).get(id)?.status;

scenario('a task goes on after a checkpoint', async (side) => {
  const { ctr } = side;
  await ctr.ok('run', '-d', image, 'left', 'sh', '-c', counts);
  const name = (await ctr.ok('tasks', 'checkpoint', 'left')).trim();
  expect(name).toMatch(/^containerd.io\/checkpoint\/left:/);
  expect(await statusOf(side, 'left')).toBe('RUNNING');
  const before = await countOf(side, 'left', 'a');
  await eventually(async () => expect(await countOf(side, 'left', `b${Math.random()}`)).toBeGreaterThan(before));
  await side.remove('left');
  await ctr.ok('images', 'rm', name);
});

scenario('images in a directory of the client, and the end of the container', async (side) => {
  const { ctr, daemon } = side;
  const images = join(daemon.folder, 'images');
  await ctr.ok('run', '-d', image, 'ended', 'sh', '-c', counts);
  await ctr.ok('tasks', 'checkpoint', '--exit', '--image-path', images, 'ended');
  expect(readdirSync(images)).toContain('inventory.img');
  await eventually(async () => expect(await statusOf(side, 'ended')).toBe('STOPPED'));
  await ctr.try(['tasks', 'rm', 'ended']);
  await ctr.ok('containers', 'rm', 'ended');
});

scenario('a new container goes on where the other one was', async (side) => {
  const { ctr } = side;
  await ctr.ok('run', '-d', image, 'source', 'sh', '-c', counts);
  await eventually(async () => expect(await countOf(side, 'source', `a${Math.random()}`)).toBeGreaterThan(50));
  await ctr.ok('containers', 'checkpoint', '--rw', '--image', '--task', 'source', 'saved');
  await side.remove('source');
  await ctr.ok('containers', 'restore', '--rw', '--live', 'restored', 'saved');
  expect(await statusOf(side, 'restored')).toBe('RUNNING');
  expect(await countOf(side, 'restored', 'b')).toBeGreaterThan(50);
  await ctr.ok('tasks', 'exec', '--exec-id', 'c', 'restored', 'touch', '/stop');
  await eventually(async () => expect(await statusOf(side, 'restored')).toBe('STOPPED'));
  const ended = await ctr.try(['tasks', 'rm', 'restored']);
  await ctr.ok('containers', 'rm', 'restored');
  await ctr.ok('images', 'rm', 'saved');
  return ended.stderr.replace(/time="[^"]*"/, '');
});
