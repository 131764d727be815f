import { basename } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { withUndo } from '../../base/undo.ts';
import type { Any } from '../../proto/any.ts';
import { readBootstrap } from './bootstrap.ts';
import type { Bundle } from './bundle.ts';
import type { Exit } from './exit-record.ts';
import type { ShimSurroundings } from './shim-command.ts';
import { ShimConnection } from './shim-connection.ts';
import { deleteShim } from './shim-delete.ts';
import { ShimLog } from './shim-log.ts';
import { killProcessesIn } from './shim-processes.ts';
import { startShim } from './shim-start.ts';
import { Task, type TaskParts } from './task.ts';
import type { Timeouts } from './timeouts.ts';

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
    const log = this.#logOf(bundle);
    return withUndo(async (undo) => {
      const shimLog = await ShimLog.open(bundle.path, log);
      undo.push('close the shim log', () => shimLog[Symbol.dispose]());
      // Whatever `start` left running before it failed works in the bundle, which nobody else does yet.
      undo.push('kill the shim', async () => void (await killProcessesIn(bundle.path)));
      const start = { shimPath, bundle, options: runtimeOptions, timeoutMs: this.#timeouts.startMs };
      const bootstrap = await startShim(start, this.#surroundings, log, { signal });
      return await this.#connect({ bundle, shimPath, bootstrap, log: shimLog });
    });
  }

  /**
   * Connects to the shim of a bundle again.
   * @throws GantryError not-found if the bundle does not tell where it is; what `ShimConnection.dial` throws
   */
  async reconnect(bundle: Bundle, shimPath: string): Promise<Task> {
    return withUndo(async (undo) => {
      const bootstrap = await readBootstrap(bundle.path);
      const log = this.#logOf(bundle);
      const shimLog = await ShimLog.open(bundle.path, log).catch((error: unknown) => {
        // A task is worth more than its shim's log.
        log.warn({ error: messageOf(error) }, 'cannot open shim log');
        return undefined;
      });
      undo.push('close the shim log', () => shimLog?.[Symbol.dispose]());
      return await this.#connect({ bundle, shimPath, bootstrap, log: shimLog });
    });
  }

  /**
   * Whether a shim that has deleted its container and was shut down leaves nothing behind. Ours does; of others
   * containerd's contract says that their `delete` is run at every end.
   */
  cleansUpAfterItself(shimPath: string): boolean {
    return basename(shimPath) === 'containerd-shim-gantry-v1';
  }

  /** Lets the shim's executable remove what is left of a container. @returns how the container ended */
  async cleanUp(bundle: Bundle, shimPath: string): Promise<Exit> {
    return deleteShim({ shimPath, bundle, timeoutMs: this.#timeouts.cleanupMs }, this.#surroundings, this.#log);
  }

  async #connect(parts: Omit<TaskParts, 'connection'>): Promise<Task> {
    const dialing = { namespace: parts.bundle.namespace, timeoutMs: this.#timeouts.dialMs };
    return new Task({ ...parts, connection: await ShimConnection.dial(parts.bootstrap, dialing) });
  }

  #logOf(bundle: Bundle): Logger {
    return this.#log.child({ namespace: bundle.namespace, id: bundle.id });
  }
}
