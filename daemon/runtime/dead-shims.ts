import { unlink } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { timestampFromNs } from '../../proto/timestamp.ts';
import { connect } from '../../ttrpc/client.ts';
import { readBootstrap } from './bootstrap.ts';
import type { Bundle, Bundles } from './bundle.ts';
import { type Exit, readExitRecord } from './exit-record.ts';
import { isNobodyThere, socketPath } from './shim-connection.ts';
import type { ShimLauncher } from './shim-launcher.ts';

/** What is reported when nobody knows how a container ended. */
const unknownExitStatus = 255;

/** Takes away what a container without a shim left behind, and finds out how it ended. */
export class DeadShims {
  readonly #bundles: Bundles;
  readonly #launcher: ShimLauncher;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(deps: { bundles: Bundles; launcher: ShimLauncher; clock: Clock; log: Logger }) {
    this.#bundles = deps.bundles;
    this.#launcher = deps.launcher;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /**
   * Kills and removes the container, its mount and its bundle. Never fails: what cannot be removed is logged and tried
   * again when the daemon starts next.
   * @param known how it ended, if that has been told already
   * @returns how it ended: what the shim wrote down before it died, else that the clean-up killed it, else unknown; and
   *   whether there was a container at all
   */
  async bury(bundle: Bundle, shimPath: string, known: Exit | undefined): Promise<{ exit: Exit; ran: boolean }> {
    const { namespace, id } = bundle;
    this.#log.warn({ namespace, id }, 'cleaning up after a lost shim');
    const recorded = known ?? (await readExitRecord(bundle.path));
    const cleanedUp = await this.#cleanUp(bundle, shimPath);
    await removeDeadSocket(bundle.path);
    try {
      await this.#bundles.remove(bundle);
    } catch (error) {
      this.#log.error({ namespace, id, error: messageOf(error) }, 'cannot remove the bundle of a lost shim');
    }
    const unknown = { pid: 0, exitStatus: unknownExitStatus, exitedAt: timestampFromNs(this.#clock.now()) };
    return { exit: recorded ?? cleanedUp ?? unknown, ran: recorded !== undefined || cleanedUp?.pid !== 0 };
  }

  async #cleanUp(bundle: Bundle, shimPath: string): Promise<Exit | undefined> {
    try {
      return await this.#launcher.cleanUp(bundle, shimPath);
    } catch (error) {
      const { namespace, id } = bundle;
      this.#log.error({ namespace, id, error: messageOf(error) }, 'shim could not clean up after itself');
      return undefined;
    }
  }
}

/** A killed shim leaves its socket, unless another one of its group serves it: then somebody answers there. */
async function removeDeadSocket(bundlePath: string): Promise<void> {
  const path = await readBootstrap(bundlePath).then(
    ({ address }) => socketPath(address),
    () => '',
  );
  if (!path.startsWith('/')) return;
  try {
    (await connect(path)).close();
  } catch (error) {
    if (isNobodyThere(error)) await unlink(path).catch(() => undefined);
  }
}
