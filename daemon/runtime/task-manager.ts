import type { Clock } from '../../base/clock.ts';
import { alreadyExists, failedPrecondition, isKind, messageOf, notFound, wrap } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import type { Logger } from '../../base/logger.ts';
import { KeyedMutex } from '../../base/mutex.ts';
import { abortable } from '../../base/signals.ts';
import { type UndoStack, withUndo } from '../../base/undo.ts';
import type { Any } from '../../proto/any.ts';
import type { Context } from '../context.ts';
import type { EventPublisher } from '../events/publisher.ts';
import { Adoption } from './adoption.ts';
import { type Bootstrap, writeBootstrap } from './bootstrap.ts';
import type { Bundle, Bundles } from './bundle.ts';
import type { CgroupMigrations } from './cgroup-migrations.ts';
import { DeadShims } from './dead-shims.ts';
import type { Exit } from './exit-record.ts';
import { type Envelope, Exits } from './exits.ts';
import type { LifelineSys } from './lifeline.ts';
import { LostTasks } from './lost-tasks.ts';
import { type Recovered, Recovery } from './recover.ts';
import { RecoveredExits } from './recovered-exits.ts';
import { RuncVersions } from './runc-version.ts';
import { markAsMember } from './sandbox-member.ts';
import type { ShimBinaries } from './shim-binary.ts';
import { isConnectionClosed, type TaskMethods } from './shim-connection.ts';
import { endShim, leaveShim } from './shim-end.ts';
import { ShimGuard } from './shim-guard.ts';
import type { ShimLauncher } from './shim-launcher.ts';
import type { Task } from './task.ts';
import { TaskTable } from './task-table.ts';
import { defaultTimeouts, type Timeouts } from './timeouts.ts';

/** The oldest task API whose shims make tasks in their sandboxes. */
const sandboxVersion = 3;

/** The task to create. */
export interface TaskCreation {
  readonly id: string;
  /** Name of the runtime, or path of its shim. */
  readonly runtime: string;
  /** The OCI runtime spec as JSON. */
  readonly spec: Uint8Array;
  /** The container's record, encoded, to be kept in the bundle. */
  readonly record?: Uint8Array | undefined;
  /** The runtime's options, for `start` and for Create. */
  readonly options: Any | null;
  /** The sandbox that it belongs to, empty without one; and where its shim is, if the client knows. */
  readonly sandboxId?: string;
  readonly sandboxShim?: Bootstrap | undefined;
  /** What the shim's Create is asked for besides. */
  readonly request: Pick<
    TaskMethods['Create']['request'],
    'rootfs' | 'terminal' | 'stdin' | 'stdout' | 'stderr' | 'checkpoint'
  >;
  /** Puts the checkpoint to restore from, if it is not a directory yet, into the bundle's work directory. */
  readonly unpackCheckpoint?: ((ctx: Context, bundle: Bundle) => Promise<string>) | undefined;
}

/** What the manager works with. */
export interface TaskManagerDeps {
  readonly bundles: Bundles;
  readonly binaries: ShimBinaries;
  readonly launcher: ShimLauncher;
  readonly migrations: CgroupMigrations;
  readonly events: EventPublisher;
  /** Passes an event of a shim on to the subscribers. */
  readonly forward: (envelope: Envelope) => void;
  /** The runtime's name of a container, undefined without such a container. */
  readonly runtimeOf: (namespace: string, id: string) => Promise<string | undefined>;
  /** Where the shim of a sandbox is; undefined for a sandbox that nobody knows. @throws GantryError if it does not run */
  readonly sandboxShimOf: (ctx: Context, sandboxId: string) => Promise<Bootstrap | undefined>;
  readonly sys: LifelineSys;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Keeps the tasks: one shim each, started with the task and ended with it. Work on different tasks never waits for each
 * other; of one task only its creation and its deletion exclude each other.
 */
export class TaskManager implements AsyncDisposable {
  readonly #deps: TaskManagerDeps;
  readonly #timeouts: Timeouts;
  readonly #tasks = new TaskTable();
  readonly #deletions = new KeyedMutex();
  readonly #runcVersions = new RuncVersions();
  readonly #exits: Exits;
  readonly #lost: LostTasks;
  readonly #guard: ShimGuard;
  readonly #recovery: Recovery;
  readonly #recovered: RecoveredExits;
  readonly #log: Logger;

  constructor(deps: TaskManagerDeps, options: { timeouts?: Timeouts; adopt?: boolean } = {}) {
    this.#deps = deps;
    this.#log = deps.log;
    this.#timeouts = options.timeouts ?? defaultTimeouts;
    this.#exits = new Exits({ tasks: this.#tasks, events: deps.events, forward: deps.forward });
    this.#lost = new LostTasks({ tasks: this.#tasks, deadShims: new DeadShims(deps), exits: this.#exits });
    const adoption = new Adoption(deps, { isEnabled: options.adopt ?? true });
    this.#guard = new ShimGuard({ ...deps, adoption, lose: (task) => this.#lost.end(task) });
    this.#recovery = new Recovery({ ...deps, adoption }, { timeouts: this.#timeouts });
    this.#recovered = new RecoveredExits({ exits: this.#exits }, { graceMs: this.#timeouts.resendMs });
  }

  /** @throws GantryError not-found */
  get(namespace: string, id: string): Task {
    const task = this.#tasks.get(namespace, id);
    if (task === undefined) throw notFound(`task ${id} not found`);
    return task;
  }

  list(namespace: string): Task[] {
    return this.#tasks.list(namespace);
  }

  all(): Task[] {
    return this.#tasks.all();
  }

  /** Whether there is a task of that id, or one is being made or taken away. */
  owns(namespace: string, id: string): boolean {
    const bundle = this.#deps.bundles.locate(namespace, id);
    return this.#tasks.isTaken(namespace, id) || this.#lost.isBurying(bundle) || this.#deps.bundles.isRemoving(bundle);
  }

  /** Runs `body` while nobody can make a task of that id; false, without running it, for an id that has an owner. */
  async exclusively(namespace: string, id: string, body: () => Promise<void>): Promise<boolean> {
    if (this.owns(namespace, id)) return false;
    using _reservation = this.#tasks.reserve(namespace, id);
    await body();
    return true;
  }

  /**
   * Starts a shim and lets it create the container. Nothing is left of it on failure.
   * @throws GantryError already-exists for an id in use; what the shim or the runtime said
   */
  async create(ctx: Context, creation: TaskCreation): Promise<Task> {
    using reservation = this.#tasks.reserve(ctx.namespace, creation.id);
    if (reservation === undefined) throw alreadyExists(`task ${creation.id}`);
    this.#deps.migrations.expect();
    await this.#lost.whenBuried(this.#deps.bundles.locate(ctx.namespace, creation.id));
    // Awaited here, as the reservation ends with this function.
    return await withUndo(async (undo) => {
      const task = await this.#startShim(ctx, creation, undo);
      await failpoint('task.create.started');
      this.#exits.expect(task.bundle, '');
      this.#tasks.add(task);
      undo.push('end the shim', () => this.#abandon(task));
      const { id, options } = creation;
      const request = await restoringRequest(ctx, creation, task.bundle);
      try {
        const [created] = await Promise.all([
          task.call('Create', { ...request, id, bundle: task.bundle.path, options }, ctx),
          writeBootstrap(task.bundle.path, task.bootstrap),
        ]);
        task.pid = created.pid;
        await failpoint('task.create.created');
      } catch (error) {
        throw wrap(error, 'failed to create shim task');
      }
      this.#guard.watch(task);
      // Before anything else happens: of a shim that dies first nothing can be held any more.
      this.#guard.hold(task);
      return task;
    });
  }

  /**
   * Deletes a stopped task, ends its shim and removes its bundle. A caller that leaves does not stop it half-way.
   * @throws GantryError not-found without such a task; what the shim said, such as that the task is running
   */
  async delete(ctx: Context, id: string): Promise<Exit> {
    ctx.signal.throwIfAborted();
    const deletion = this.#deletions.run(`${ctx.namespace}\0${id}`, async () => {
      const task = this.get(ctx.namespace, id);
      try {
        return await this.#delete(task, ctx.deadlineAtMs);
      } catch (error) {
        throw wrap(error, 'failed to delete task');
      }
    });
    return abortable(deletion, ctx.signal);
  }

  /** Tells of an exec that is about to be made, so that its exit is told even if its id was in use before. */
  expectExec(task: Task, execId: string): void {
    this.#deps.migrations.expect();
    this.#exits.expect(task.bundle, execId);
  }

  /**
   * Finds the tasks of the daemon's earlier lives again; to be done before anybody asks for tasks. What became of the
   * others is told by `announceRecovered`. False if there were none.
   */
  async recover(): Promise<boolean> {
    let found = false;
    await this.#deps.bundles.prepare();
    await this.#recovery.run((result) => {
      found = true;
      this.#adopt(result);
    });
    await this.#deps.bundles.removeStale();
    return found;
  }

  /** Deals with a bundle that has no task as a start of the daemon does: gives the task back, or cleans up after it. */
  async recoverBundle(bundle: Bundle): Promise<void> {
    if (this.owns(bundle.namespace, bundle.id)) return;
    using _reservation = this.#tasks.reserve(bundle.namespace, bundle.id);
    const result = await this.#recovery.recover(bundle);
    if (result === undefined) return;
    this.#adopt(result);
    if (result.kind === 'dead') await this.#lost.endDead();
    else this.#recovered.announce(bundle);
  }

  /** Tells of exits that happened while the daemon was down; to be done once subscribers can connect. */
  announceRecovered(): void {
    this.#recovered.start();
    this.#lost.endDead().catch((error: unknown) => {
      this.#log.error({ error: messageOf(error) }, 'cannot clean up after dead shims');
    });
  }

  /** Takes an event that a shim sent. */
  observe(envelope: Envelope): void {
    this.#exits.observe(envelope);
  }

  /** Lets go of all shims; they and their containers live on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#recovered[Symbol.dispose]();
    this.#lost[Symbol.dispose]();
    for (const task of this.#tasks.all()) {
      task.phase = 'leaving';
      task[Symbol.dispose]();
    }
    await this.#deps.bundles.settled();
  }

  #adopt(result: Recovered): void {
    if (result.kind === 'dead') {
      this.#lost.addDead(result);
      return;
    }
    const { task, exit } = result;
    this.#tasks.add(task);
    this.#guard.watch(task);
    this.#guard.hold(task);
    if (exit !== undefined) this.#recovered.add(task.bundle, exit);
  }

  async #startShim(ctx: Context, creation: TaskCreation, undo: UndoStack): Promise<Task> {
    const { launcher } = this.#deps;
    try {
      const shimPath = await this.#deps.binaries.resolve(creation.runtime).catch((error: unknown) => {
        throw wrap(error, 'failed to resolve runtime path');
      });
      await this.#runcVersions.requireFor(shimPath, creation.options);
      const bundle = await this.#deps.bundles.create(ctx.namespace, creation.id, { ...creation, shimPath });
      undo.push('remove the bundle', () => this.#deps.bundles.remove(bundle));
      await failpoint('task.create.bundled');
      const sandbox = await this.#sandboxShimOf(ctx, creation);
      if (sandbox === undefined) return await launcher.start(bundle, shimPath, creation.options, ctx.signal);
      await markAsMember(bundle, creation.sandboxId ?? '');
      return await launcher.join(bundle, shimPath, sandbox);
    } catch (error) {
      throw wrap(error, 'failed to start shim');
    }
  }

  /** The shim of a task's sandbox, if that is one that makes tasks for sandboxes; others group tasks by themselves. */
  async #sandboxShimOf(ctx: Context, { sandboxId = '', sandboxShim }: TaskCreation): Promise<Bootstrap | undefined> {
    const found = sandboxShim ?? (sandboxId === '' ? undefined : await this.#deps.sandboxShimOf(ctx, sandboxId));
    return found !== undefined && found.version >= sandboxVersion ? found : undefined;
  }

  async #delete(task: Task, callerDeadlineAtMs: number | undefined): Promise<Exit> {
    if (task.phase === 'making') throw failedPrecondition(`task ${task.id} is being created`);
    if (task.phase === 'lost') return task.lost;
    this.#recovered.announce(task.bundle);
    try {
      await failpoint('task.delete.asked');
      // A runtime that hangs over it is ended for a caller with little patience, but not too soon.
      const deadlineAtMs = callerDeadlineAtMs && Math.max(callerDeadlineAtMs, Date.now() + this.#timeouts.cleanupMs);
      const { pid, exitStatus, exitedAt } = await task.call('Delete', { id: task.id }, { deadlineAtMs });
      await failpoint('task.delete.deleted');
      await this.#leave(task);
      return { pid, exitStatus, exitedAt: exitedAt ?? { seconds: 0, nanos: 0 } };
    } catch (error) {
      // The shim died over it: then this is not the only one to notice, and the task is cleaned up anyway.
      if (isConnectionClosed(error)) return task.lost;
      // A shim that knows of no container has nothing to live for.
      if (isKind(error, 'not-found')) await this.#leave(task);
      throw error;
    }
  }

  async #leave(task: Task): Promise<void> {
    await leaveShim(task, this.#deps, this.#timeouts);
    await failpoint('task.delete.left');
    try {
      await this.#deps.bundles.remove(task.bundle);
    } catch (error) {
      const { namespace, id } = task;
      this.#log.error({ namespace, id, error: messageOf(error) }, 'cannot remove the bundle of a deleted task');
    }
    await failpoint('task.delete.removed');
    this.#tasks.remove(task);
  }

  /** Takes back a creation that failed. */
  async #abandon(task: Task): Promise<void> {
    this.#tasks.remove(task);
    await endShim(task, this.#deps, this.#timeouts);
  }
}

async function restoringRequest(
  ctx: Context,
  creation: TaskCreation,
  bundle: Bundle,
): Promise<TaskCreation['request']> {
  const { request, unpackCheckpoint } = creation;
  return unpackCheckpoint === undefined ? request : { ...request, checkpoint: await unpackCheckpoint(ctx, bundle) };
}
