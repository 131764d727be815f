import { constants } from 'node:os';
import { failedPrecondition, isKind } from '../../base/errors.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { Process } from '../task/process.ts';
import { type Container, getContainer } from './container.ts';

export interface RemoveOptions extends CallOptions {
  /** Kills what runs in it first. */
  force?: boolean | undefined;
}

/**
 * Removes a container with its task and its root file system, and returns what it was.
 * @throws GantryError not-found; failed-precondition when it runs and `force` is not set
 */
export async function removeContainer(client: Client, id: string, options: RemoveOptions = {}): Promise<Container> {
  const container = await getContainer(client, id, options);
  await removeTask(client, id, options);
  await client.service('containerd.services.containers.v1.Containers').Delete({ id }, options);
  if (container.snapshotKey !== '') {
    const { snapshotter, snapshotKey } = container;
    const snapshots = client.service('containerd.services.snapshots.v1.Snapshots');
    await snapshots.Remove({ snapshotter, key: snapshotKey }, options).catch(ignoreMissing);
  }
  return container;
}

async function removeTask(client: Client, id: string, options: RemoveOptions): Promise<void> {
  const task = new Process(client, id);
  try {
    const status = await task.status(options);
    const isAlive = status === 'RUNNING' || status === 'PAUSED' || status === 'PAUSING';
    if (isAlive && !options.force) {
      throw failedPrecondition(`container "${id}": is ${status.toLowerCase()}; kill it first, or remove it by force`);
    }
    if (status === 'PAUSED')
      await client.service('containerd.services.tasks.v1.Tasks').Resume({ containerId: id }, options);
    if (isAlive) {
      await task.kill(constants.signals.SIGKILL, { ...options, all: true }).catch(ignoreMissing);
      await task.wait(options);
    }
    await task.delete(options);
  } catch (error) {
    ignoreMissing(error);
  }
}

function ignoreMissing(error: unknown): void {
  if (!isKind(error, 'not-found')) throw error;
}
