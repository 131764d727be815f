import { messageOf } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import type { Logger } from '../../base/logger.ts';
import type { Bundle } from './bundle.ts';
import type { Lifeline } from './lifeline.ts';
import { isTold } from './lost-tasks.ts';
import type { ShimConnection } from './shim-connection.ts';
import type { ShimLauncher } from './shim-launcher.ts';
import { readTaskRecord, type TaskRecord } from './task-record.ts';

/** The next shim may be killed as well. */
const maxAttempts = 3;

/** Lets another shim take over containers whose own was killed. */
export class Adoption {
  readonly #launcher: ShimLauncher;
  readonly #log: Logger;
  readonly #isEnabled: boolean;

  constructor(deps: { launcher: ShimLauncher; log: Logger }, options: { isEnabled: boolean }) {
    this.#launcher = deps.launcher;
    this.#log = deps.log;
    this.#isEnabled = options.isEnabled;
  }

  /**
   * Tries it; undefined if the container cannot be taken over and has to be cleaned up after: adoption is off, its shim was
   * not one of ours, or it had not been created yet.
   * @param lifeline what this daemon holds of it; without one its end in the meantime is unknown
   */
  async adopt(bundle: Bundle, shimPath: string, lifeline: Lifeline | undefined): Promise<ShimConnection | undefined> {
    if (!this.#isEnabled || !this.#launcher.canAdopt(shimPath)) return undefined;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const record = readTaskRecord(bundle.path);
      if (record === undefined) return undefined;
      const connection = await this.#tryToAdopt(bundle, shimPath, record, lifeline);
      if (connection !== undefined) return connection;
    }
    return undefined;
  }

  async #tryToAdopt(
    bundle: Bundle,
    shimPath: string,
    record: TaskRecord,
    lifeline: Lifeline | undefined,
  ): Promise<ShimConnection | undefined> {
    const { namespace, id } = bundle;
    await failpoint('task.adopt.begun');
    try {
      const connection = await this.#launcher.adopt(bundle, shimPath, {
        record,
        holderPid: process.pid,
        initDescriptor: lifeline?.init?.descriptor ?? 0,
        descriptors: lifeline?.held.map(({ role, fd }) => ({ role, fd })) ?? [],
        told: await isTold(bundle),
      });
      await failpoint('task.adopt.done');
      this.#log.warn({ namespace, id }, 'another shim has taken over a container whose own was lost');
      return connection;
    } catch (error) {
      this.#log.error({ namespace, id, error: messageOf(error) }, 'no other shim can take over a container');
      return undefined;
    }
  }
}
