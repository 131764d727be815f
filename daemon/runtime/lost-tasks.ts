import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from './bundle.ts';
import type { DeadShims } from './dead-shims.ts';
import { announcedFileName, type Exits } from './exits.ts';
import { forEachLimited } from './map-limit.ts';
import { killProcessesIn, processesByDirectory } from './shim-processes.ts';
import type { Task } from './task.ts';
import type { TaskTable } from './task-table.ts';

/** Clean-ups at the same time after a restart: each starts the shim's executable and runc. */
const concurrency = 8;

/** A task whose shim was gone when the daemon started. */
export interface DeadTask {
  readonly bundle: Bundle;
  readonly shimPath: string;
}

/**
 * Ends tasks that have lost their shim: what they left is taken away first, then their end is told. Those found when the
 * daemon starts may be many; they are ended once it serves, and until then their ids are taken.
 */
export class LostTasks implements Disposable {
  readonly #tasks: TaskTable;
  readonly #deadShims: DeadShims;
  readonly #exits: Exits;
  readonly #dead = new Map<string, DeadTask & { readonly buried: PromiseWithResolvers<void> }>();
  #isClosed = false;

  constructor(deps: { tasks: TaskTable; deadShims: DeadShims; exits: Exits }) {
    this.#tasks = deps.tasks;
    this.#deadShims = deps.deadShims;
    this.#exits = deps.exits;
  }

  /** A task of this life has lost its shim. */
  async end(task: Task): Promise<void> {
    task.phase = 'lost';
    task[Symbol.dispose]();
    const { exit: found } = await this.#deadShims.bury(task.bundle, task.shimPath, task.exit);
    const exit = { ...found, pid: found.pid || task.pid };
    this.#tasks.remove(task);
    this.#exits.announce(task.bundle, exit);
    this.#exits.announceDeletion(task.bundle, exit);
    task.settleLost(exit);
  }

  /** Notes a task of an earlier life for `endDead`. */
  addDead(dead: DeadTask): void {
    this.#dead.set(dead.bundle.path, { ...dead, buried: Promise.withResolvers() });
  }

  /** Whether a dead task is still in the way. */
  isBurying(bundle: Bundle): boolean {
    return this.#dead.has(bundle.path);
  }

  /** Resolves when nothing of a dead task is in the way of a new one of its id. */
  async whenBuried(bundle: Bundle): Promise<void> {
    await this.#dead.get(bundle.path)?.buried.promise;
  }

  /** Ends all that were noted. */
  async endDead(): Promise<void> {
    if (this.#dead.size === 0) return;
    const processes = await processesByDirectory();
    await forEachLimited([...this.#dead.values()], concurrency, async ({ bundle, shimPath, buried }) => {
      if (this.#isClosed) return;
      const told = await isTold(bundle);
      // One that runs all the same, as its address was never written or its socket is gone, must not outlive its bundle.
      await killProcessesIn(bundle.path, processes);
      const { exit, ran } = await this.#deadShims.bury(bundle, shimPath, undefined);
      if (ran && !told) this.#exits.announce(bundle, exit);
      if (ran) this.#exits.announceDeletion(bundle, exit);
      this.#dead.delete(bundle.path);
      buried.resolve();
    });
  }

  /** Starts no more clean-ups; what is left is found again at the next start. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
  }
}

/** Whether the exit of a task's first process was announced in an earlier life of the daemon. */
export async function isTold(bundle: Bundle): Promise<boolean> {
  return access(join(bundle.path, announcedFileName)).then(
    () => true,
    () => false,
  );
}
