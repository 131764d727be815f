import type { Clock } from '../../base/clock.ts';
import { isKind, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Messages } from '../../proto/codec.ts';
import { nsFromTimestamp, type Timestamp } from '../../proto/timestamp.ts';
import type { Mount } from '../../snapshotter/snapshotter.ts';
import type { Context } from '../context.ts';
import { Backoff } from './backoff.ts';
import { restartCount, restartLabels, wantsRestart } from './policy.ts';

type Requests = {
  readonly [Name in keyof Messages as Name extends `containerd.services.tasks.v1.${infer Short}`
    ? Short
    : never]: Messages[Name];
};
type Creation = Pick<
  Requests['CreateTaskRequest'],
  'containerId' | 'rootfs' | 'stdin' | 'stdout' | 'stderr' | 'terminal'
>;
type Container = Messages['containerd.services.containers.v1.Container'];

/** Time for everything that one round asks of one container; a stuck shim holds up nothing but itself. */
const changeTimeoutMs = 60_000;
const sigkill = 9;

/** What the monitor works with; tasks and containers as clients see them. */
export interface RestartMonitorDeps {
  /** Containers of all namespaces. */
  readonly containers: () => AsyncIterable<{ readonly namespace: string; readonly container: Container }>;
  /** Labels of a container as they are now; undefined if there is none any more. */
  readonly labels: (ctx: Context, id: string) => Promise<Readonly<Record<string, string>> | undefined>;
  readonly setLabel: (ctx: Context, id: string, key: string, value: string) => Promise<void>;
  readonly mounts: (ctx: Context, snapshotter: string, key: string) => Promise<Mount[]>;
  readonly tasks: {
    get(ctx: Context, request: Requests['GetRequest']): Promise<{ process: TaskState }>;
    create(ctx: Context, request: Creation): Promise<unknown>;
    start(ctx: Context, request: Requests['StartRequest']): Promise<unknown>;
    kill(ctx: Context, request: Requests['KillRequest']): Promise<void>;
    wait(ctx: Context, request: Requests['WaitRequest']): Promise<unknown>;
    delete(ctx: Context, request: Requests['DeleteTaskRequest']): Promise<unknown>;
  };
  /** Takes away a task that was not started, also if its container is gone. */
  readonly abandon: (ctx: Context, id: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}

interface TaskState {
  readonly status: Messages['containerd.v1.types.Process']['status'];
  readonly exitStatus: number;
  readonly exitedAt: Timestamp | null;
}

/**
 * Keeps tasks as the restart labels of their containers want them: looks at each every interval, starts what should run
 * and ends what should not. Only labels that clients gave count; those of images never reach a container's record.
 */
export class RestartMonitor implements AsyncDisposable {
  readonly #deps: RestartMonitorDeps;
  readonly #intervalMs: number;
  readonly #backoff: Backoff;
  /** Containers whose task was missing, or not yet started, at the last check: their client may be about to do it. */
  readonly #unstarted = new Set<string>();
  readonly #changing = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: RestartMonitorDeps, options: { readonly intervalMs: number }) {
    this.#deps = deps;
    this.#intervalMs = options.intervalMs;
    this.#backoff = new Backoff(options);
  }

  /** Looks now, and from now on every interval. */
  start(): void {
    void this.check()
      .catch((error: unknown) => this.#deps.log.error({ error: messageOf(error) }, 'cannot look for restarts'))
      .finally(() => {
        if (this.#stop.signal.aborted) return;
        this.#timer = setTimeout(() => this.start(), this.#intervalMs);
        this.#timer.unref();
      });
  }

  /** Looks once at all containers; what has to change is begun, and `settled` tells when it is done. */
  async check(): Promise<void> {
    const seen = new Set<string>();
    for await (const { namespace, container } of this.#deps.containers()) {
      if (container.labels[restartLabels.status] === undefined) continue;
      const key = `${namespace}\0${container.id}`;
      seen.add(key);
      if (!this.#changing.has(key)) this.#change(key, namespace, container);
    }
    this.#backoff.keep(seen);
    for (const key of this.#unstarted) if (!seen.has(key)) this.#unstarted.delete(key);
  }

  /** Resolves when nothing is being changed. */
  async settled(): Promise<void> {
    await Promise.all(this.#changing.values());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.settled();
  }

  #change(key: string, namespace: string, container: Container): void {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(changeTimeoutMs)]);
    const change = this.#reconcile({ namespace, signal }, key, container)
      .catch((error: unknown) => {
        if (this.#stop.signal.aborted) return;
        this.#deps.log.error({ namespace, id: container.id, error: messageOf(error) }, 'cannot restart as asked');
      })
      .finally(() => this.#changing.delete(key));
    this.#changing.set(key, change);
  }

  async #reconcile(ctx: Context, key: string, container: Container): Promise<void> {
    const { id, labels } = container;
    const wanted = labels[restartLabels.status];
    const state = await this.#stateOf(ctx, id);
    if (state?.status.toLowerCase() === wanted) {
      this.#unstarted.delete(key);
      return;
    }
    if (wanted === 'stopped' && state !== undefined) {
      await this.#end(ctx, id);
    } else if (wanted === 'running' && state?.status !== 'PAUSED' && state?.status !== 'PAUSING') {
      if (this.#mayBeStarting(key, state) || !wantsRestart(state?.exitStatus ?? 0, labels)) return;
      const nowMs = this.#nowMs();
      if (!this.#backoff.allows(key, nowMs, endOf(state) ?? nowMs)) return;
      this.#backoff.started(key, nowMs);
      await this.#deps.setLabel(ctx, id, restartLabels.count, String(restartCount(labels) + 1));
      await this.#end(ctx, id).catch((error: unknown) => {
        this.#deps.log.warn({ id, error: messageOf(error) }, 'cannot take the ended task away');
      });
      // Whoever does not want it any more had time to say so.
      const now = await this.#deps.labels(ctx, id);
      if (now?.[restartLabels.status] === wanted) await this.#begin(ctx, container);
    }
  }

  /** True the first time that a task is found missing or not started, so that a client has an interval to do it. */
  #mayBeStarting(key: string, state: TaskState | undefined): boolean {
    if (state !== undefined && state.status !== 'CREATED') return false;
    if (this.#unstarted.delete(key)) return false;
    this.#unstarted.add(key);
    return true;
  }

  async #stateOf(ctx: Context, containerId: string): Promise<TaskState | undefined> {
    try {
      return (await this.#deps.tasks.get(ctx, { containerId, execId: '' })).process;
    } catch (error) {
      if (isKind(error, 'not-found')) return undefined;
      throw error;
    }
  }

  /** Kills a task and takes it away; none is fine. */
  async #end(ctx: Context, containerId: string): Promise<void> {
    const { tasks } = this.#deps;
    const state = await this.#stateOf(ctx, containerId);
    if (state === undefined) return;
    // One that was created but never started has nothing to wait for.
    if (state.status !== 'STOPPED' && state.status !== 'CREATED') {
      const ended = tasks.wait(ctx, { containerId, execId: '' });
      ended.catch(() => undefined);
      await tasks.kill(ctx, { containerId, execId: '', signal: sigkill, all: true }).catch((error: unknown) => {
        if (!isKind(error, 'not-found')) throw error;
      });
      await ended;
    }
    await tasks.delete(ctx, { containerId });
  }

  async #begin(ctx: Context, { id, snapshotter, snapshotKey, labels, spec }: Container): Promise<void> {
    const { tasks, mounts } = this.#deps;
    const rootfs = snapshotKey === '' ? [] : await mounts(ctx, snapshotter, snapshotKey);
    const terminal = hasTerminal(spec?.value);
    const uri = labels[restartLabels.logUri] ?? '';
    const stdio = { stdin: '', stdout: uri, stderr: terminal ? '' : uri, terminal };
    await tasks.create(ctx, { containerId: id, rootfs, ...stdio });
    try {
      await tasks.start(ctx, { containerId: id, execId: '' });
    } catch (error) {
      // The container was removed meanwhile: nobody else could remove its task.
      if (isKind(error, 'not-found')) await this.#deps.abandon(ctx, id);
      throw error;
    }
  }

  #nowMs(): number {
    return Number(this.#deps.clock.now() / 1_000_000n);
  }
}

/** When a task ended, in milliseconds; undefined if nobody knows. */
function endOf(state: TaskState | undefined): number | undefined {
  const at = state?.exitedAt ?? null;
  return at === null || at.seconds <= 0 ? undefined : Number(nsFromTimestamp(at) / 1_000_000n);
}

function hasTerminal(spec: Uint8Array | undefined): boolean {
  const { process } = JSON.parse(Buffer.from(spec ?? []).toString() || '{}') as { process?: { terminal?: boolean } };
  return process?.terminal === true;
}
