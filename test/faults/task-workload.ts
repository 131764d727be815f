import { JSON_TYPES, packJson } from '../../proto/any.ts';
import { eventually } from '../helpers/eventually.ts';
import type { Sink } from './sink.ts';
import type { TaskWorld } from './task-world.ts';

/** How long one request may take; runs under a load of tests. */
const timeoutMs = 15_000;
const sigterm = 15;
const sigkill = 9;

/** The life of one container, step by step. Each step is one thing that a client asks for. */
export class TaskWorkload {
  readonly #world: TaskWorld;
  readonly id: string;
  readonly #sink: Sink;
  /** Steps whose success the client has been told of. */
  readonly acknowledged: string[] = [];
  /** How it ended, once the client knows. */
  status: number | undefined;
  /** The step that failed, and how. */
  failure: { step: string; error: Error } | undefined;

  constructor(world: TaskWorld, id: string, sink: Sink) {
    this.#world = world;
    this.id = id;
    this.#sink = sink;
  }

  /** Goes on until something fails. */
  async run(): Promise<void> {
    for (const step of ['create', 'start', 'speak', 'exec', 'pause', 'resume', 'pids', 'stop', 'delete'] as const) {
      try {
        await this[step]();
        this.acknowledged.push(step);
      } catch (error) {
        this.failure = { step, error: error as Error };
        return;
      }
    }
  }

  /** Brings it to its end from wherever it is. @returns whether there still was a task */
  async finish(): Promise<boolean> {
    const state = await this.#state();
    if (state === undefined) return false;
    if (state === 'PAUSED') await this.resume();
    if (state === 'CREATED') await this.start().catch(() => undefined);
    if (state !== 'STOPPED') {
      if (this.#world.truth().said > 0) await this.#kill(sigterm).catch(() => undefined);
      else await this.#kill(sigkill).catch(() => undefined);
      await eventually(
        async () => {
          if ((await this.#state()) !== 'STOPPED') throw new Error('it ignores SIGTERM');
        },
        { deadlineMs: 3_000 },
      ).catch(() => this.#kill(sigkill));
    }
    this.status = (await this.#tasks.Wait({ containerId: this.id }, { timeoutMs })).exitStatus;
    await this.#deleteExecs();
    await this.delete();
    return true;
  }

  get #tasks() {
    return this.#world.client.service('containerd.services.tasks.v1.Tasks');
  }

  async #state(): Promise<string | undefined> {
    const { tasks } = await this.#tasks.List({}, { timeoutMs });
    return tasks.find(({ id }) => id === this.id)?.status;
  }

  async create(): Promise<void> {
    const snapshots = this.#world.client.service('containerd.services.snapshots.v1.Snapshots');
    const { mounts } = await snapshots.Mounts({ snapshotter: 'overlayfs', key: this.id });
    await this.#tasks.Create({ containerId: this.id, rootfs: mounts, stdout: this.#sink.path }, { timeoutMs });
  }

  async start(): Promise<void> {
    await this.#tasks.Start({ containerId: this.id }, { timeoutMs });
  }

  async speak(): Promise<void> {
    await eventually(() => {
      if (this.#sink.lines.length < 3) throw new Error('the container says nothing');
    });
  }

  async exec(): Promise<void> {
    const exec = { containerId: this.id, execId: 'e' };
    const spec = packJson(JSON_TYPES.process, {
      args: ['true'],
      cwd: '/',
      env: ['PATH=/bin'],
      user: { uid: 0, gid: 0 },
    });
    await this.#tasks.Exec({ ...exec, spec }, { timeoutMs });
    await this.#tasks.Start(exec, { timeoutMs });
    await this.#tasks.Wait(exec, { timeoutMs });
    await this.#tasks.DeleteProcess(exec, { timeoutMs });
  }

  async pause(): Promise<void> {
    await this.#tasks.Pause({ containerId: this.id }, { timeoutMs });
  }

  async resume(): Promise<void> {
    await this.#tasks.Resume({ containerId: this.id }, { timeoutMs });
  }

  async pids(): Promise<void> {
    await this.#tasks.ListPids({ containerId: this.id }, { timeoutMs });
  }

  async stop(): Promise<void> {
    const ended = this.#tasks.Wait({ containerId: this.id }, { timeoutMs });
    ended.catch(() => undefined);
    await this.#kill(sigterm);
    this.status = (await ended).exitStatus;
  }

  async delete(): Promise<void> {
    await this.#tasks.Delete({ containerId: this.id }, { timeoutMs });
  }

  async #kill(signal: number): Promise<void> {
    await this.#tasks.Kill({ containerId: this.id, signal, all: signal === sigkill }, { timeoutMs });
  }

  async #deleteExecs(): Promise<void> {
    await this.#tasks.DeleteProcess({ containerId: this.id, execId: 'e' }, { timeoutMs }).catch(() => undefined);
  }
}
