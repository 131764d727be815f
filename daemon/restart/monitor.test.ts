import { expect, test } from 'vitest';
import { notFound } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import { decode, encode } from '../../proto/codec.ts';
import { RestartMonitor } from './monitor.ts';
import { restartLabels } from './policy.ts';

type Status = 'CREATED' | 'RUNNING' | 'STOPPED' | 'PAUSED';

/** One container and its task, kept by plain fields; what is asked of the task is written down. */
class World {
  labels: Record<string, string>;
  status: Status | undefined;
  exitStatus = 0;
  onDelete: (() => void) | undefined;
  nowMs = 1_000_000;
  readonly asked: string[] = [];
  readonly monitor: RestartMonitor;

  constructor(labels: Record<string, string>, status: Status | undefined) {
    this.labels = labels;
    this.status = status;
    const container = () =>
      decode(
        'containerd.services.containers.v1.Container',
        encode('containerd.services.containers.v1.Container', { id: 'c', labels: this.labels }),
      );
    const ask = (name: string, next: Status | undefined) => async () => {
      this.asked.push(name);
      this.status = next;
      if (name === 'delete') this.onDelete?.();
    };
    this.monitor = new RestartMonitor(
      {
        containers: async function* () {
          yield { namespace: 'n', container: container() };
        },
        labels: async () => this.labels,
        abandon: ask('abandon', undefined),
        setLabel: async (_ctx, _id, key, value) => {
          this.labels = { ...this.labels, [key]: value };
        },
        mounts: async () => [],
        tasks: {
          get: async () => {
            if (this.status === undefined) throw notFound('task c');
            return { process: { status: this.status, exitStatus: this.exitStatus, exitedAt: null } };
          },
          create: ask('create', 'CREATED'),
          start: ask('start', 'RUNNING'),
          kill: ask('kill', 'STOPPED'),
          wait: async () => undefined,
          delete: ask('delete', undefined),
        },
        clock: { now: () => BigInt(this.nowMs) * 1_000_000n },
        log: silentLogger,
      },
      { intervalMs: 10 },
    );
  }

  /** What one check has led to. */
  async check(): Promise<string[]> {
    await this.monitor.check();
    await this.monitor.settled();
    this.nowMs += 10;
    return this.asked.splice(0);
  }
}

const running = { [restartLabels.status]: 'running' };

test('a task that has ended is replaced, and counted', async () => {
  const world = new World(running, 'STOPPED');
  expect(await world.check()).toEqual(['delete', 'create', 'start']);
  expect(world.labels[restartLabels.count]).toBe('1');
  expect(await world.check()).toEqual([]);
});

test.each([undefined, 'CREATED'] as const)(
  'a task in state %j is left to its client for an interval',
  async (status) => {
    const world = new World(running, status);
    expect(await world.check()).toEqual([]);
    expect(await world.check()).toEqual(status === undefined ? ['create', 'start'] : ['delete', 'create', 'start']);
  },
);

test('a client that starts its task in time is left alone later, too', async () => {
  const world = new World(running, 'CREATED');
  await world.check();
  world.status = 'RUNNING';
  expect(await world.check()).toEqual([]);
  world.status = 'CREATED';
  expect(await world.check()).toEqual([]);
});

test('a task that is not to run is killed and taken away; one that is paused, or without labels, is left', async () => {
  expect(await new World({ [restartLabels.status]: 'stopped' }, 'RUNNING').check()).toEqual(['kill', 'delete']);
  expect(await new World({ [restartLabels.status]: 'stopped' }, undefined).check()).toEqual([]);
  expect(await new World(running, 'PAUSED').check()).toEqual([]);
  expect(await new World({}, 'STOPPED').check()).toEqual([]);
  expect(await new World({ ...running, [restartLabels.policy]: 'bad' }, 'STOPPED').check()).toEqual([]);
});

test('a task that keeps ending is not started at every check', async () => {
  const world = new World(running, 'STOPPED');
  const starts: number[] = [];
  for (let checks = 0; checks < 16; checks++) {
    if ((await world.check()).includes('start')) starts.push(checks);
    world.status = 'STOPPED';
  }
  expect(starts).toEqual([0, 1, 3, 7, 15]);
});

test('a container that is not wanted any more when its old task is gone is not started', async () => {
  const world = new World(running, 'STOPPED');
  world.onDelete = () => {
    world.labels = { [restartLabels.status]: 'stopped' };
  };
  expect(await world.check()).toEqual(['delete']);
});
