import type { Messages } from '../../proto/codec.ts';
import type { Side } from './side.ts';

/** A task as the Tasks service shows it. */
export type TaskView = Messages['containerd.v1.types.Process'];

type Timestamp = NonNullable<TaskView['exitedAt']>;

/** All tasks of the side's namespace, by id. */
export async function listTasks({ client }: Side): Promise<Map<string, TaskView>> {
  const { tasks } = await client.service('containerd.services.tasks.v1.Tasks').List({});
  return new Map(tasks.map((task) => [task.id, task]));
}

/** Waits for the end of a task through the Wait RPC, which answers at once for one that has ended. */
export async function exitOf({ client }: Side, containerId: string) {
  return client.service('containerd.services.tasks.v1.Tasks').Wait({ containerId }, { timeoutMs: 30_000 });
}

/** Milliseconds since the epoch, with a fraction; NaN without a time. */
export function milliseconds(time: Timestamp | null | undefined): number {
  return time == null ? Number.NaN : Number(time.seconds) * 1000 + time.nanos / 1e6;
}
