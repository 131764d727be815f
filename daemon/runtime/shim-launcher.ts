import { basename } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { withUndo } from '../../base/undo.ts';
import type { Any } from '../../proto/any.ts';
import { decode, type Init } from '../../proto/codec.ts';
import { type Bootstrap, readBootstrap } from './bootstrap.ts';
import type { Bundle } from './bundle.ts';
import type { Exit } from './exit-record.ts';
import { isMember } from './sandbox-member.ts';
import type { ShimSurroundings } from './shim-command.ts';
import { type AdoptRequest, ShimConnection } from './shim-connection.ts';
import { deleteShim } from './shim-delete.ts';
import { ShimLog } from './shim-log.ts';
import { killProcessesIn } from './shim-processes.ts';
import { startShim } from './shim-start.ts';
import { Task, type TaskParts } from './task.ts';
import type { Timeouts } from './timeouts.ts';

/** A shim that is connected to. */
export type OpenedShim = TaskParts;

/** Starts shims, finds running ones again and cleans up after dead ones. */
export class ShimLauncher {
  readonly #log: Logger;
  readonly #surroundings: ShimSurroundings;
  readonly #timeouts: Timeouts;

  constructor(deps: { log: Logger }, options: { surroundings: ShimSurroundings; timeouts: Timeouts }) {
    this.#log = deps.log;
    this.#surroundings = options.surroundings;
    this.#timeouts = options.timeouts;
  }

  /** Starts a shim in a new bundle. The bundle does not tell yet how to reach it. */
  async start(bundle: Bundle, shimPath: string, runtimeOptions: Any | null, signal: AbortSignal): Promise<Task> {
    return new Task(await this.open(bundle, shimPath, runtimeOptions, signal));
  }

  /** The same for a shim that owns more than a task. */
  async open(bundle: Bundle, shimPath: string, runtimeOptions: Any | null, signal: AbortSignal): Promise<OpenedShim> {
    const log = this.#logOf(bundle);
    return withUndo(async (undo) => {
      const shimLog = await ShimLog.open(bundle.path, log);
      undo.push('close the shim log', () => shimLog[Symbol.dispose]());
      undo.push('remove its socket', async () => void (await this.cleanUp(bundle, shimPath).catch(() => undefined)));
      // Whatever `start` left running before it failed works in the bundle, which nobody else does yet.
      undo.push('kill the shim', async () => void (await killProcessesIn(bundle.path)));
      const start = { shimPath, bundle, options: runtimeOptions, timeoutMs: this.#timeouts.startMs };
      const bootstrap = await startShim(start, this.#surroundings, log, { signal });
      return await this.#connect({ bundle, shimPath, bootstrap, log: shimLog, isMember: false });
    });
  }

  /** Connects a task in a new bundle to the shim of its sandbox. */
  async join(bundle: Bundle, shimPath: string, bootstrap: Bootstrap): Promise<Task> {
    return new Task(await this.#connect({ bundle, shimPath, bootstrap, log: undefined, isMember: true }));
  }

  /**
   * Connects to the shim of a bundle again.
   * @throws GantryError not-found if the bundle does not tell where it is; what `ShimConnection.dial` throws
   */
  async reconnect(bundle: Bundle, shimPath: string): Promise<Task> {
    return new Task(await this.reopen(bundle, shimPath));
  }

  /** The same for a shim that owns more than a task. */
  async reopen(bundle: Bundle, shimPath: string): Promise<OpenedShim> {
    return withUndo(async (undo) => {
      const bootstrap = await readBootstrap(bundle.path);
      const log = this.#logOf(bundle);
      const shimLog = await ShimLog.open(bundle.path, log).catch((error: unknown) => {
        // A task is worth more than its shim's log.
        log.warn({ error: messageOf(error) }, 'cannot open shim log');
        return undefined;
      });
      undo.push('close the shim log', () => shimLog?.[Symbol.dispose]());
      return await this.#connect({ bundle, shimPath, bootstrap, log: shimLog, isMember: await isMember(bundle) });
    });
  }

  /** Connects anew to a shim that lives. @throws what `ShimConnection.dial` throws */
  async redial({ bundle, bootstrap }: Task): Promise<ShimConnection> {
    return this.#dial(bundle, bootstrap);
  }

  /**
   * Starts another shim in place of a dead one, or finds the one that its group has by now, and lets it take the
   * container over. @throws GantryError if that fails; the container is as it was then
   */
  async adopt(bundle: Bundle, shimPath: string, request: Init<AdoptRequest>): Promise<ShimConnection> {
    const { record } = request;
    const { options } = decode('containerd.task.v2.CreateTaskRequest', record?.create ?? Buffer.alloc(0));
    const start = { shimPath, bundle, options, timeoutMs: this.#timeouts.startMs };
    return withUndo(async (undo) => {
      undo.push('kill the shim', async () => void (await killProcessesIn(bundle.path)));
      const signal = AbortSignal.timeout(this.#timeouts.startMs);
      const bootstrap = await startShim(start, this.#surroundings, this.#logOf(bundle), { signal });
      const connection = await this.#dial(bundle, bootstrap);
      undo.push('disconnect', () => connection.close());
      await connection.adopt(request, { timeoutMs: this.#timeouts.loadMs });
      return connection;
    });
  }

  /** Whether shims of that executable take over containers of dead ones. */
  canAdopt(shimPath: string): boolean {
    return this.cleansUpAfterItself(shimPath);
  }

  /**
   * Whether a shim that has deleted its container and was shut down leaves nothing behind. Ours does; of others
   * containerd's contract says that their `delete` is run at every end.
   */
  cleansUpAfterItself(shimPath: string): boolean {
    return basename(shimPath) === 'containerd-shim-gantry-v1';
  }

  /**
   * Lets the shim's executable remove what is left of a container; what lived in a sandbox is the sandbox's to remove.
   * @returns how the container ended, undefined if nobody knows
   */
  async cleanUp(bundle: Bundle, shimPath: string): Promise<Exit | undefined> {
    if (await isMember(bundle)) return undefined;
    return deleteShim({ shimPath, bundle, timeoutMs: this.#timeouts.cleanupMs }, this.#surroundings, this.#log);
  }

  async #connect(parts: Omit<OpenedShim, 'connection'>): Promise<OpenedShim> {
    return { ...parts, connection: await this.#dial(parts.bundle, parts.bootstrap) };
  }

  async #dial({ namespace }: Bundle, bootstrap: Bootstrap): Promise<ShimConnection> {
    return ShimConnection.dial(bootstrap, { namespace, timeoutMs: this.#timeouts.dialMs });
  }

  #logOf(bundle: Bundle): Logger {
    return this.#log.child({ namespace: bundle.namespace, id: bundle.id });
  }
}
