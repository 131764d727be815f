import { isKind } from '../../base/errors.ts';
import { getContainer } from '../../client/container/container.ts';
import type { Messages } from '../../proto/codec.ts';
import { rfc3339FromTimestamp } from '../../proto/timestamp.ts';
import type { Cli } from '../action.ts';

type Task = Messages['containerd.v1.types.Process'];

const noTime = '0001-01-01T00:00:00Z';

/** A container as docker describes it, with the spec that it is run by. @throws GantryError not-found */
export async function inspectContainer(cli: Cli, id: string): Promise<object> {
  const container = await getContainer(cli.client, id);
  const task = await findTask(cli, id);
  const { spec } = container;
  const [path = '', ...args] = spec?.process?.args ?? [];
  return {
    Id: container.id,
    Created: container.createdAt === null ? '' : rfc3339FromTimestamp(container.createdAt),
    Path: path,
    Args: args,
    State: stateOf(task),
    Image: container.image,
    Name: container.id,
    Mounts: (spec?.mounts ?? []).map(({ type, source, destination, options }) => ({
      Type: type,
      Source: source,
      Destination: destination,
      Mode: (options ?? []).join(','),
      RW: !(options ?? []).includes('ro'),
    })),
    Config: {
      Hostname: spec?.hostname ?? '',
      User: `${spec?.process?.user?.uid ?? 0}:${spec?.process?.user?.gid ?? 0}`,
      Tty: spec?.process?.terminal ?? false,
      Env: spec?.process?.env ?? [],
      WorkingDir: spec?.process?.cwd ?? '',
      Labels: container.labels,
    },
    Runtime: container.runtime,
    Snapshotter: container.snapshotter,
    SnapshotKey: container.snapshotKey,
    Spec: spec ?? null,
  };
}

function stateOf(task: Task | undefined): object {
  const status = task === undefined ? 'created' : task.status === 'STOPPED' ? 'exited' : task.status.toLowerCase();
  const hasEnded = task?.status === 'STOPPED';
  return {
    Status: status,
    Running: task?.status === 'RUNNING',
    Paused: task?.status === 'PAUSED',
    Pid: hasEnded ? 0 : (task?.pid ?? 0),
    ExitCode: hasEnded ? task.exitStatus : 0,
    FinishedAt: hasEnded && task.exitedAt !== null ? rfc3339FromTimestamp(task.exitedAt) : noTime,
  };
}

async function findTask(cli: Cli, containerId: string): Promise<Task | undefined> {
  try {
    const { process } = await cli.client.service('containerd.services.tasks.v1.Tasks').Get({ containerId });
    return process ?? undefined;
  } catch (error) {
    if (isKind(error, 'not-found')) return undefined;
    throw error;
  }
}
