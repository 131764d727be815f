import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { pack } from '../../proto/any.ts';
import { eventually } from '../../test/helpers/eventually.ts';
import { type Envelope, Exits } from './exits.ts';
import type { Task } from './task.ts';
import { TaskTable } from './task-table.ts';

const exitedAt = { seconds: 1_700_000_000, nanos: 5 };
const init = { containerId: 'c1', id: 'c1', pid: 10, exitStatus: 3, exitedAt };

let told: string[];
let task: Task;
let exits: Exits;

beforeEach(async () => {
  const path = await mkdtemp('/tmp/gt-');
  onTestFinished(() => rm(path, { recursive: true }));
  told = [];
  task = {
    namespace: 'ns',
    id: 'c1',
    bundle: { namespace: 'ns', id: 'c1', path, workPath: '' },
    exit: undefined,
  } as Task;
  const tasks = new TaskTable();
  tasks.add(task);
  exits = new Exits({
    tasks,
    events: { publish: (_namespace, topic) => void told.push(`published ${topic}`) },
    forward: ({ topic }) => void told.push(`forwarded ${topic} ${task.exit === undefined ? 'unknown' : 'known'}`),
  });
});

function exitEvent(more: Partial<typeof init> = {}): Envelope {
  const event = pack('containerd.events.TaskExit', { ...init, ...more });
  return { timestamp: exitedAt, namespace: 'ns', topic: '/tasks/exit', event };
}

test('a task knows its exit before the subscribers do, and the bundle remembers that they were told', async () => {
  exits.observe(exitEvent());
  expect(told).toEqual(['forwarded /tasks/exit known']);
  expect(task.exit).toEqual({ pid: 10, exitStatus: 3, exitedAt });
  await eventually(() => expect(existsSync(join(task.bundle.path, 'exit-announced'))).toBe(true));
});

test('an exit is told once, whoever tells it and however often', () => {
  for (let times = 0; times < 3; times++) exits.observe(exitEvent());
  exits.announce(task.bundle, { pid: 10, exitStatus: 137, exitedAt });
  expect(told).toHaveLength(1);
});

test('what the daemon found out comes before what the shim repeats, even under another process id', () => {
  exits.announce(task.bundle, { pid: 0, exitStatus: 255, exitedAt });
  exits.observe(exitEvent());
  expect(told).toEqual(['published /tasks/exit']);
});

test('exits of execs are told apart from each other and from that of the task', () => {
  exits.observe(exitEvent({ id: 'e1', pid: 11 }));
  exits.observe(exitEvent({ id: 'e1', pid: 11 }));
  exits.observe(exitEvent({ id: 'e2', pid: 11 }));
  exits.observe(exitEvent({ id: 'e1', pid: 12 }));
  expect(told).toHaveLength(3);
  expect(task.exit).toBeUndefined();
});

test('a new task of the same id, or an exec of the same id, is told again', () => {
  exits.observe(exitEvent());
  exits.expect(task.bundle, '');
  exits.observe(exitEvent());
  exits.observe(exitEvent({ id: 'e1' }));
  exits.expect(task.bundle, 'e1');
  exits.observe(exitEvent({ id: 'e1' }));
  expect(told).toHaveLength(4);
});

test('everything else passes as it is', () => {
  const event = pack('containerd.events.TaskOOM', { containerId: 'c1' });
  for (let times = 0; times < 2; times++) {
    exits.observe({ timestamp: exitedAt, namespace: 'ns', topic: '/tasks/oom', event });
  }
  expect(told).toEqual(['forwarded /tasks/oom unknown', 'forwarded /tasks/oom unknown']);
});

test('refuses an event that is not what its topic says', () => {
  const event = pack('containerd.events.TaskOOM', { containerId: 'c1' });
  expect(() => exits.observe({ ...exitEvent(), event })).toThrow(expect.objectContaining({ kind: 'invalid-argument' }));
  expect(() => exits.observe({ ...exitEvent(), event: null })).toThrow('event of topic "/tasks/exit" is missing');
});
