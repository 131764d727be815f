import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isKind, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Sys } from '../../native/sys.ts';
import type { Adoption } from './adoption.ts';
import type { Bundle, Bundles } from './bundle.ts';
import type { Exit } from './exit-record.ts';
import { type DeadTask, isTold } from './lost-tasks.ts';
import { forEachLimited } from './map-limit.ts';
import type { ShimBinaries } from './shim-binary.ts';
import { isConnectionClosed, isNobodyThere, type TaskMethods } from './shim-connection.ts';
import { endShim } from './shim-end.ts';
import type { ShimLauncher } from './shim-launcher.ts';
import type { Task } from './task.ts';
import { readTaskRecord, type TaskRecord } from './task-record.ts';
import type { Timeouts } from './timeouts.ts';

/** Shims asked at the same time: enough that a stuck one delays nobody. */
const concurrency = 32;

/** What recovery works with. */
export interface RecoveryDeps {
  readonly bundles: Bundles;
  readonly binaries: ShimBinaries;
  readonly launcher: ShimLauncher;
  /** The runtime of a container, for bundles that do not tell which shim they belong to; undefined without one. */
  readonly runtimeOf: (namespace: string, id: string) => Promise<string | undefined>;
  readonly sys: Pick<Sys, 'processStartTicks'>;
  readonly adoption: Adoption;
  readonly log: Logger;
}

/** What recovery found in one bundle. */
export type Recovered =
  /** The shim lives and has a task. `exit` is set if the task has ended and that may not have been told yet. */
  | { readonly kind: 'task'; readonly task: Task; readonly exit: Exit | undefined }
  /** The shim is gone; what it left is still there. */
  | ({ readonly kind: 'dead' } & DeadTask);

/**
 * Finds out what became of the tasks while the daemon was down.
 *
 * A shim that answers keeps its task, also one that answers late: only a shim that is certainly gone, or that says itself
 * that it has no task, is given up. Container metadata is not touched.
 */
export class Recovery {
  readonly #deps: RecoveryDeps;
  readonly #timeouts: Timeouts;

  constructor(deps: RecoveryDeps, options: { timeouts: Timeouts }) {
    this.#deps = deps;
    this.#timeouts = options.timeouts;
  }

  /** Looks at every bundle. A bundle that cannot be dealt with is logged and left for the next start. */
  async run(found: (result: Recovered) => void): Promise<void> {
    await forEachLimited(await this.#deps.bundles.list(), concurrency, async (bundle) => {
      try {
        const result = await this.recover(bundle);
        if (result !== undefined) found(result);
      } catch (error) {
        const { namespace, id } = bundle;
        this.#deps.log.error({ namespace, id, error: messageOf(error) }, 'cannot recover task');
      }
    });
  }

  /** Looks at one bundle; undefined if nothing was in it that could be a task, and it is removed. */
  async recover(bundle: Bundle): Promise<Recovered | undefined> {
    const shimPath = await this.#shimPathOf(bundle);
    if (shimPath === undefined) {
      await this.#deps.bundles.remove(bundle);
      return undefined;
    }
    const task = (await this.#reconnect(bundle, shimPath)) ?? (await this.#adoptAnew(bundle, shimPath));
    if (task === undefined) return { kind: 'dead', bundle, shimPath };
    const { id, namespace } = task;
    try {
      return await this.#adopt(task, await task.call('State', { id }, { timeoutMs: this.#timeouts.loadMs }));
    } catch (error) {
      if (isConnectionClosed(error)) {
        task[Symbol.dispose]();
        return { kind: 'dead', bundle, shimPath };
      }
      if (isKind(error, 'not-found')) return this.#dealWithIdle(task);
      this.#deps.log.warn({ namespace, id, error: messageOf(error) }, 'shim does not tell the state of its task, kept');
      return { kind: 'task', task, exit: undefined };
    }
  }

  async #adopt(task: Task, state: TaskMethods['State']['response']): Promise<Recovered> {
    const { pid, status, exitStatus, exitedAt } = state;
    task.pid = pid;
    const told = await isTold(task.bundle);
    const ended = status === 'STOPPED' && exitedAt !== null && !told;
    return { kind: 'task', task, exit: ended ? { pid, exitStatus, exitedAt } : undefined };
  }

  /** A shim without a task: the daemon crashed while its task was made, or while it was about to take one over. */
  async #dealWithIdle(task: Task): Promise<Recovered | undefined> {
    const adopted = await this.#adoptAnew(task.bundle, task.shimPath);
    if (adopted !== undefined) {
      task[Symbol.dispose]();
      return this.#adopt(adopted, await adopted.call('State', { id: task.id }, { timeoutMs: this.#timeouts.loadMs }));
    }
    await this.#endIdle(task);
    return undefined;
  }

  /** Lets another shim take the task over, if its first process still runs. */
  async #adoptAnew(bundle: Bundle, shimPath: string): Promise<Task | undefined> {
    const record = readTaskRecord(bundle.path);
    if (record === undefined || !(await this.#runs(record))) return undefined;
    const connection = await this.#deps.adoption.adopt(bundle, shimPath, undefined);
    connection?.close();
    return connection && this.#reconnect(bundle, shimPath);
  }

  async #runs({ pid, startedTicks }: TaskRecord): Promise<boolean> {
    return this.#deps.sys.processStartTicks(pid).then(
      (ticks) => ticks === BigInt(startedTicks),
      () => false,
    );
  }

  /** A crash while its task was made leaves a shim that holds nothing and that no request would ever reach. */
  async #endIdle(task: Task): Promise<void> {
    const { namespace, id } = task;
    this.#deps.log.info({ namespace, id }, 'ending a shim without a task');
    await endShim(task, { launcher: this.#deps.launcher, log: this.#deps.log }, this.#timeouts);
    await this.#deps.bundles.remove(task.bundle);
  }

  /** Undefined if the shim is certainly gone, or was never started. */
  async #reconnect(bundle: Bundle, shimPath: string): Promise<Task | undefined> {
    try {
      return await this.#deps.launcher.reconnect(bundle, shimPath);
    } catch (error) {
      if (!isKind(error, 'not-found') && !isNobodyThere(error)) throw error;
      const { namespace, id } = bundle;
      this.#deps.log.info({ namespace, id, error: messageOf(error) }, 'shim is gone');
      return undefined;
    }
  }

  /** Undefined for a bundle that holds nothing a shim could have been started with. */
  async #shimPathOf(bundle: Bundle): Promise<string | undefined> {
    const names = await readdir(bundle.path);
    if (names.includes('shim-binary-path')) {
      const path = await readFile(join(bundle.path, 'shim-binary-path'), 'utf8');
      if (path !== '') return path;
    }
    if (!names.includes('config.json')) return undefined;
    const runtime = await this.#deps.runtimeOf(bundle.namespace, bundle.id);
    return runtime === undefined ? undefined : this.#deps.binaries.resolve(runtime);
  }
}
