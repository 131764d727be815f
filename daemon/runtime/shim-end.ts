import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { isConnectionClosed } from './shim-connection.ts';
import type { ShimLauncher } from './shim-launcher.ts';
import { killProcessesIn } from './shim-processes.ts';
import type { Task } from './task.ts';
import type { Timeouts } from './timeouts.ts';

interface EndDeps {
  readonly launcher: ShimLauncher;
  readonly log: Logger;
}

/**
 * Ends the shim of a task that is deleted. A shim that serves other containers of its group lives on; one that does not
 * answer is logged.
 */
export async function leaveShim(task: Task, deps: EndDeps, timeouts: Timeouts): Promise<void> {
  const { namespace, id, shimPath } = task;
  task.phase = 'leaving';
  let cleansUp = deps.launcher.cleansUpAfterItself(shimPath);
  try {
    if (!task.isMember) await task.call('Shutdown', { id }, { timeoutMs: timeouts.shutdownMs });
  } catch (error) {
    cleansUp = false;
    // One that ends before its answer is sent has ended all the same.
    if (!isConnectionClosed(error)) deps.log.error({ namespace, id, error: messageOf(error) }, 'cannot shut down shim');
  }
  task[Symbol.dispose]();
  if (!cleansUp) await cleanUp(task, deps);
}

/** Ends a shim by all means, with whatever it has of a task: the task was never handed to anybody. */
export async function endShim(task: Task, deps: EndDeps, timeouts: Timeouts): Promise<void> {
  const { id, bundle } = task;
  task.phase = 'leaving';
  // It may have got as far as a container; then its own deletion is cleaner than the one from outside.
  await task.call('Delete', { id }, { timeoutMs: timeouts.cleanupMs }).catch(() => undefined);
  const ended =
    task.isMember ||
    (await task.call('Shutdown', { id, now: true }, { timeoutMs: timeouts.shutdownMs }).then(
      () => true,
      (error: unknown) => isConnectionClosed(error),
    ));
  task[Symbol.dispose]();
  if (!ended) await killProcessesIn(bundle.path);
  await cleanUp(task, deps);
}

async function cleanUp(task: Task, deps: EndDeps): Promise<void> {
  const { namespace, id, bundle, shimPath } = task;
  try {
    await deps.launcher.cleanUp(bundle, shimPath);
  } catch (error) {
    deps.log.warn({ namespace, id, error: messageOf(error) }, 'shim could not clean up after itself');
  }
}
