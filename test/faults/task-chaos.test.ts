import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { GantryError } from '../../base/errors.ts';
import { descendantsOf } from '../helpers/processes.ts';
import { isFull } from './moments.ts';
import { TaskWorld } from './task-world.ts';

/** How much of everything; a few of each in a short run. */
const scale = isFull
  ? { containers: 500, atOnce: 50, longestMs: 60_000, shimKills: 20, daemonKills: 5, everyMs: 2_500, wholeMs: 600_000 }
  : { containers: 24, atOnce: 8, longestMs: 4_000, shimKills: 6, daemonKills: 2, everyMs: 700, wholeMs: 120_000 };
const timeoutMs = 30_000;

interface Template {
  readonly spec: Record<string, unknown> & { process: object; linux: object };
  readonly specType: string;
  readonly parent: string;
}

/** A client that outlives its daemon: asks again until there is an answer. */
class Patient {
  readonly #world: TaskWorld;
  readonly #signal: AbortSignal;

  constructor(world: TaskWorld, signal: AbortSignal) {
    this.#world = world;
    this.#signal = signal;
  }

  /** @param settled kinds of failure that mean that an earlier try did it */
  async ask<T>(body: () => Promise<T>, ...settled: GantryError['kind'][]): Promise<T | undefined> {
    for (;;) {
      this.#signal.throwIfAborted();
      try {
        return await body();
      } catch (error) {
        if (!(error instanceof GantryError)) throw error;
        if (settled.includes(error.kind)) return undefined;
        if (!isTransient(error)) throw error;
        await sleep(50);
      }
    }
  }

  get tasks() {
    return this.#world.client.service('containerd.services.tasks.v1.Tasks');
  }

  get snapshots() {
    return this.#world.client.service('containerd.services.snapshots.v1.Snapshots');
  }

  get containers() {
    return this.#world.client.service('containerd.services.containers.v1.Containers');
  }

  async state(id: string): Promise<string | undefined> {
    const answer = await this.ask(() => this.tasks.List({}, { timeoutMs }));
    return answer?.tasks.find((task) => task.id === id)?.status;
  }
}

/** What a killed daemon or shim makes of a request that was under way. */
function isTransient(error: GantryError): boolean {
  const isCutOff = /ttrpc: closed|Channel has been shut down/.test(error.message);
  return isCutOff || ['unavailable', 'canceled'].includes(error.kind);
}

async function readTemplate(world: TaskWorld, client: Patient): Promise<Template> {
  const { id, sink } = await world.newContainer();
  sink[Symbol.dispose]();
  const { container } = await client.containers.Get({ id });
  const { info } = await client.snapshots.Stat({ snapshotter: 'overlayfs', key: id });
  await world.side.ctr.ok('containers', 'rm', id);
  const spec = JSON.parse(String(container?.spec?.value)) as Template['spec'];
  return { spec, specType: container?.spec?.typeUrl ?? '', parent: info?.parent ?? '' };
}

async function makeContainer(client: Patient, namespace: string, id: string, template: Template, args: string[]) {
  const { spec } = template;
  const own = {
    ...spec,
    process: { ...spec.process, args },
    linux: { ...spec.linux, cgroupsPath: `/${namespace}/${id}` },
  };
  const value = Buffer.from(JSON.stringify(own));
  const key = { snapshotter: 'overlayfs', key: id };
  const container = {
    id,
    runtime: { name: 'io.containerd.runc.v2' },
    spec: { typeUrl: template.specType, value },
    snapshotter: 'overlayfs',
    snapshotKey: id,
  };
  // First, as a snapshot that no container names may be collected.
  await client.ask(() => client.containers.Create({ container }, { timeoutMs }), 'already-exists');
  const prepare = { ...key, parent: template.parent };
  await client.ask(() => client.snapshots.Prepare(prepare, { timeoutMs }), 'already-exists');
}

/** Starts a task, however often that takes. */
async function startTask(client: Patient, id: string): Promise<void> {
  for (;;) {
    const state = await client.state(id);
    if (state === 'RUNNING' || state === 'STOPPED') return;
    if (state === undefined) {
      const mounts = await client.ask(() =>
        client.snapshots.Mounts({ snapshotter: 'overlayfs', key: id }, { timeoutMs }),
      );
      const create = { containerId: id, rootfs: mounts?.mounts ?? [] };
      await client.ask(() => client.tasks.Create(create, { timeoutMs }), 'already-exists');
    }
    await client.ask(() => client.tasks.Start({ containerId: id }, { timeoutMs }), 'not-found', 'unknown');
  }
}

/** Starts one container. @returns what waits for its end */
async function begin(world: TaskWorld, client: Patient, template: Template, index: number) {
  const id = `n${String(index).padStart(4, '0')}`;
  const wanted = 1 + (index % 90);
  const seconds = ((0.1 + 0.9 * Math.random()) * scale.longestMs) / 1000;
  const args = ['sh', '-c', `sleep ${seconds.toFixed(2)}; exit ${wanted}`];
  await makeContainer(client, world.side.namespace, id, template, args);
  await startTask(client, id);
  return () => end(client, id, wanted);
}

/** Waits for its end and removes it. @returns its exit status, undefined if nobody knows it, and what it must be */
async function end(client: Patient, id: string, wanted: number) {
  const ended = await client.ask(
    () => client.tasks.Wait({ containerId: id }, { timeoutMs: scale.longestMs + timeoutMs }),
    'not-found',
  );
  await client.ask(() => client.tasks.Delete({ containerId: id }, { timeoutMs }), 'not-found');
  await client.ask(() => client.containers.Delete({ id }, { timeoutMs }), 'not-found');
  const key = { snapshotter: 'overlayfs', key: id };
  await client.ask(() => client.snapshots.Remove(key, { timeoutMs }), 'not-found');
  return { id, wanted, status: ended?.exitStatus };
}

/** Kills shims and the daemon at random until all kills are spent. */
async function wreak(world: TaskWorld, signal: AbortSignal): Promise<number> {
  let left = scale.shimKills;
  const daemonEvery = Math.ceil(scale.shimKills / scale.daemonKills);
  let killed = 0;
  while (left > 0) {
    await sleep(scale.everyMs * (0.5 + Math.random()), undefined, { signal });
    const shims = descendantsOf(world.side.daemon.reaperPids).filter(({ command }) => / -id n\d+/.test(command));
    const shim = shims[Math.floor(Math.random() * shims.length)];
    if (shim === undefined) continue;
    process.kill(shim.pid, 'SIGKILL');
    killed += 1;
    left -= 1;
    if (left % daemonEvery === 0) {
      await world.side.daemon.kill();
      await world.revive();
    }
  }
  return killed;
}

test('every container is accounted for while shims and the daemon are killed', { timeout: scale.wholeMs }, async ({
  signal,
}) => {
  await using world = await TaskWorld.start();
  const client = new Patient(world, signal);
  const template = await readTemplate(world, client);
  const startedAtMs = performance.now();
  let isOver = false;
  const wreaking = wreak(world, signal).finally(() => {
    isOver = true;
  });
  const queue = Array.from({ length: scale.containers }, (_, index) => index);
  const endings: ReturnType<typeof end>[] = [];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      endings.push((await begin(world, client, template, next))());
    }
  };
  const workers = Array.from({ length: scale.atOnce }, worker);
  // Kills may be left when those containers have ended: somebody must be there to be killed.
  const victims = async () => {
    await Promise.all(workers);
    for (let next = scale.containers; !isOver; next++) {
      endings.push((await begin(world, client, template, next))());
      await endings.at(-1);
    }
  };
  const [shimsKilled] = await Promise.all([wreaking, victims()]);
  const results = await Promise.all(endings);
  const wrong = results.filter(({ wanted, status }) => status !== wanted);
  const unknown = wrong.filter(({ status }) => status === 255 || status === undefined);
  console.table([
    {
      containers: results.length,
      seconds: Math.round((performance.now() - startedAtMs) / 1000),
      shimsKilled,
      daemonsKilled: scale.daemonKills,
      right: results.length - wrong.length,
      unknown: unknown.length,
      wrong: wrong.length - unknown.length,
    },
  ]);
  expect(wrong.filter((result) => !unknown.includes(result))).toEqual([]);
  // A container that ends while both its shim and the daemon are dead is seen by nobody.
  expect(unknown.length).toBeLessThanOrEqual(scale.daemonKills);
  for (const { id } of results) expect(world.exitsOf(id), `exit events of ${id}`).toBeLessThanOrEqual(1);
});
