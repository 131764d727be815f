import { systemClock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from './config/config.ts';
import type { Database } from './metadata/database.ts';
import { containerTable } from './metadata/schema.ts';
import { RestartMonitor } from './restart/monitor.ts';
import type { TaskManager } from './runtime/task-manager.ts';
import type { ContainersService } from './services/containers.ts';
import type { SnapshotsService } from './services/snapshots.ts';
import type { TasksService } from './services/tasks.ts';

interface RestartParts {
  readonly database: Database;
  readonly containers: ContainersService;
  readonly snapshotsService: SnapshotsService;
  readonly tasks: TasksService;
  readonly manager: TaskManager;
  readonly logger: Logger;
}

/** The monitor speaks to the services as a client would. */
export function composeRestartMonitor({ restart }: Config, parts: RestartParts): RestartMonitor {
  const { database, containers, snapshotsService, tasks, manager, logger: log } = parts;
  const options = { runtimePath: '', checkpoint: null, options: null, taskApiAddress: '', taskApiVersion: 0 };
  return new RestartMonitor(
    {
      containers: async function* () {
        for await (const { key, value } of database.list(containerTable, [])) {
          yield { namespace: key[0] as string, container: value };
        }
      },
      labels: async (ctx, id) => (await database.get(containerTable, [ctx.namespace, id]))?.labels,
      setLabel: async (ctx, id, key, value) => {
        const container = await containers.get(ctx, id);
        await containers.update(ctx, { ...container, labels: { [key]: value } }, [`labels.${key}`]);
      },
      mounts: (ctx, snapshotter, key) => snapshotsService.mounts(ctx, { snapshotter, key }),
      tasks: {
        get: (ctx, request) => tasks.get(ctx, request),
        create: (ctx, request) => tasks.create(ctx, { ...options, ...request }),
        start: (ctx, request) => tasks.start(ctx, request),
        kill: (ctx, request) => tasks.kill(ctx, request),
        wait: (ctx, request) => tasks.wait(ctx, request),
        delete: (ctx, request) => tasks.delete(ctx, request),
      },
      abandon: async (ctx, id) => void (await manager.delete(ctx, id)),
      clock: systemClock,
      log,
    },
    { intervalMs: restart.intervalMs },
  );
}
