import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Adoption } from './adoption.ts';
import { Lifeline, type LifelineSys } from './lifeline.ts';
import { isNobodyThere, type ShimConnection } from './shim-connection.ts';
import type { ShimLauncher } from './shim-launcher.ts';
import type { Task } from './task.ts';
import { readTaskRecord } from './task-record.ts';

/** A shim is given up when its connections end this often in a row, each within `quickMs`. */
const maxQuickLosses = 8;
const quickMs = 1_000;
/** Waits between attempts, doubled up to the last. */
const firstDelayMs = 5;
const lastDelayMs = 1_000;
const connectMs = 5_000;

/** What guarding works with. */
export interface ShimGuardDeps {
  readonly launcher: ShimLauncher;
  readonly adoption: Adoption;
  readonly sys: LifelineSys;
  /** Ends a task whose shim is lost for good. */
  readonly lose: (task: Task) => Promise<void>;
  readonly log: Logger;
}

/**
 * Notices at once when a task loses its shim, and finds it one: a shim that lives is connected to again, a dead one is
 * replaced by another that takes the container over. Only if neither works the task is lost.
 */
export class ShimGuard {
  readonly #deps: ShimGuardDeps;

  constructor(deps: ShimGuardDeps) {
    this.#deps = deps;
  }

  /** From now on the end of the connection means that something is wrong, unless we are the ones who leave. */
  watch(task: Task): void {
    task.phase = 'made';
    void this.#guard(task);
  }

  /** Takes hold of what is needed in case the shim dies, unless that is done. Never fails. */
  hold(task: Task): void {
    if (task.phase !== 'made' || task.lifeline !== undefined) return;
    const record = readTaskRecord(task.bundle.path);
    const lifeline = record && Lifeline.take(record, this.#deps.sys);
    if (lifeline === undefined) return;
    task.lifeline = lifeline;
    lifeline.shim.wait().then(
      () => {
        if (task.lifeline === lifeline) task.disconnect();
      },
      // The task has been let go of.
      () => undefined,
    );
  }

  async #guard(task: Task): Promise<void> {
    for (let losses = 0; losses < maxQuickLosses; losses++) {
      const connectedMs = performance.now();
      await task.disconnected;
      if (task.phase !== 'made') return;
      task.beginOutage();
      if (performance.now() - connectedMs > quickMs) losses = 0;
      else await sleep(delayMs(losses));
      const connection = await this.#reach(task);
      if (task.phase !== 'made') {
        connection?.close();
        task.endOutage();
        return;
      }
      if (connection === undefined) break;
      task.reconnect(connection);
    }
    await this.#deps.lose(task);
  }

  async #reach(task: Task): Promise<ShimConnection | undefined> {
    const { launcher, adoption, log } = this.#deps;
    const { namespace, id, bundle, shimPath } = task;
    for (let attempt = 0; attempt < maxQuickLosses && task.phase === 'made'; attempt++) {
      try {
        const connection = await launcher.redial(task);
        if (await this.#isSame(task, connection)) return connection;
        connection.close();
        break;
      } catch (error) {
        if (isNobodyThere(error)) break;
        log.warn({ namespace, id, error: messageOf(error) }, 'cannot connect to a shim again');
      }
      await sleep(delayMs(attempt));
    }
    if (task.phase !== 'made') return undefined;
    const connection = await adoption.adopt(bundle, shimPath, task.lifeline);
    if (connection === undefined) return undefined;
    task.lifeline = undefined;
    this.hold(task);
    return connection;
  }

  /** Another task of its group may have been quicker: then a new shim answers there, which does not know this one yet. */
  async #isSame(task: Task, connection: ShimConnection): Promise<boolean> {
    if (task.lifeline === undefined) return true;
    const { shimPid } = await connection.call('Connect', { id: task.id }, { timeoutMs: connectMs });
    return shimPid === task.lifeline.shim.pid;
  }
}

function delayMs(attempt: number): number {
  return attempt === 0 ? 0 : Math.min(firstDelayMs * 2 ** attempt, lastDelayMs);
}
