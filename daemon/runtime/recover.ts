import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isKind, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Bundle, Bundles } from './bundle.ts';
import type { DeadShims } from './dead-shims.ts';
import type { Exit } from './exit-record.ts';
import { announcedFileName } from './exits.ts';
import { forEachLimited } from './map-limit.ts';
import type { ShimBinaries } from './shim-binary.ts';
import { isConnectionClosed, type TaskMethods } from './shim-connection.ts';
import { endShim } from './shim-end.ts';
import type { ShimLauncher } from './shim-launcher.ts';
import { killProcessesIn, type ProcessesByDirectory, processesByDirectory } from './shim-processes.ts';
import type { Task } from './task.ts';
import type { Timeouts } from './timeouts.ts';

/** Shims asked at the same time: enough that a stuck one delays nobody, few enough to start as many clean-ups. */
const concurrency = 32;

/** What recovery works with. */
export interface RecoveryDeps {
  readonly bundles: Bundles;
  readonly binaries: ShimBinaries;
  readonly launcher: ShimLauncher;
  readonly deadShims: DeadShims;
  /** The runtime of a container, for bundles that do not tell which shim they belong to; undefined without one. */
  readonly runtimeOf: (namespace: string, id: string) => Promise<string | undefined>;
  readonly log: Logger;
}

/** What recovery found in one bundle. */
export type Recovered =
  /** The shim lives and has a task. `exit` is set if the task has ended and that may not have been told yet. */
  | { readonly kind: 'task'; readonly task: Task; readonly exit: Exit | undefined }
  /** The shim had died; the container is cleaned up. `told`: the exit was announced before the daemon went down. */
  | { readonly kind: 'dead'; readonly bundle: Bundle; readonly exit: Exit; readonly told: boolean };

/**
 * Finds out what became of the tasks while the daemon was down.
 *
 * A shim that answers keeps its task, also one that answers late: only a shim that is certainly gone, or that says itself
 * that it has no task, is cleaned up. Container metadata is not touched.
 */
export class Recovery {
  readonly #deps: RecoveryDeps;
  readonly #timeouts: Timeouts;
  #processes: Promise<ProcessesByDirectory> | undefined;

  constructor(deps: RecoveryDeps, options: { timeouts: Timeouts }) {
    this.#deps = deps;
    this.#timeouts = options.timeouts;
  }

  /** Looks at every bundle. A bundle that cannot be dealt with is logged and left for the next start. */
  async run(found: (result: Recovered) => void): Promise<void> {
    await forEachLimited(await this.#deps.bundles.list(), concurrency, async (bundle) => {
      try {
        const result = await this.#recover(bundle);
        if (result !== undefined) found(result);
      } catch (error) {
        const { namespace, id } = bundle;
        this.#deps.log.error({ namespace, id, error: messageOf(error) }, 'cannot recover task');
      }
    });
  }

  async #recover(bundle: Bundle): Promise<Recovered | undefined> {
    const shimPath = await this.#shimPathOf(bundle);
    if (shimPath === undefined) {
      await this.#deps.bundles.remove(bundle);
      return undefined;
    }
    const task = await this.#reconnect(bundle, shimPath);
    if (task === undefined) return this.#bury(bundle, shimPath);
    const { id, namespace } = task;
    try {
      return await this.#adopt(task, await task.call('State', { id }, { timeoutMs: this.#timeouts.loadMs }));
    } catch (error) {
      if (isConnectionClosed(error)) {
        task[Symbol.dispose]();
        return this.#bury(bundle, shimPath);
      }
      if (isKind(error, 'not-found')) {
        await this.#endIdle(task);
        return undefined;
      }
      this.#deps.log.warn({ namespace, id, error: messageOf(error) }, 'shim does not tell the state of its task, kept');
      return { kind: 'task', task, exit: undefined };
    }
  }

  async #adopt(task: Task, state: TaskMethods['State']['response']): Promise<Recovered> {
    const { pid, status, exitStatus, exitedAt } = state;
    task.pid = pid;
    const told = await this.#isTold(task.bundle);
    const ended = status === 'STOPPED' && exitedAt !== null && !told;
    return { kind: 'task', task, exit: ended ? { pid, exitStatus, exitedAt } : undefined };
  }

  /** A crash while its task was made leaves a shim that holds nothing and that no request would ever reach. */
  async #endIdle(task: Task): Promise<void> {
    const { namespace, id } = task;
    this.#deps.log.info({ namespace, id }, 'ending a shim without a task');
    await endShim(task, { launcher: this.#deps.launcher, log: this.#deps.log }, this.#timeouts);
    await this.#deps.bundles.remove(task.bundle);
  }

  async #reconnect(bundle: Bundle, shimPath: string): Promise<Task | undefined> {
    try {
      return await this.#deps.launcher.reconnect(bundle, shimPath);
    } catch (error) {
      const { namespace, id } = bundle;
      this.#deps.log.info({ namespace, id, error: messageOf(error) }, 'shim is gone');
      return undefined;
    }
  }

  async #bury(bundle: Bundle, shimPath: string): Promise<Recovered | undefined> {
    const told = await this.#isTold(bundle);
    // One that runs all the same, as its address was never written or its socket is gone, must not outlive its bundle.
    this.#processes ??= processesByDirectory();
    await killProcessesIn(bundle.path, await this.#processes);
    const { exit, ran } = await this.#deps.deadShims.bury(bundle, shimPath, undefined);
    return ran ? { kind: 'dead', bundle, exit, told } : undefined;
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

  async #isTold(bundle: Bundle): Promise<boolean> {
    return access(join(bundle.path, announcedFileName)).then(
      () => true,
      () => false,
    );
  }
}
