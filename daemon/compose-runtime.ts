import { join } from 'node:path';
import { type Clock, systemClock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { sys } from '../native/sys.ts';
import type { ServiceHandlers } from '../proto/handler.ts';
import type { Config } from './config/config.ts';
import type { EventExchange } from './events/exchange.ts';
import { sandboxControllerHandlers, sandboxStoreHandlers } from './grpc/sandboxes.ts';
import type { Database } from './metadata/database.ts';
import { containerTable, sandboxTable } from './metadata/schema.ts';
import { Bundles, sandboxDirectory } from './runtime/bundle.ts';
import { CgroupMigrations } from './runtime/cgroup-migrations.ts';
import { SandboxShims } from './runtime/sandbox-shims.ts';
import { ShimBinaries } from './runtime/shim-binary.ts';
import { ShimLauncher } from './runtime/shim-launcher.ts';
import { TaskManager } from './runtime/task-manager.ts';
import { defaultTimeouts } from './runtime/timeouts.ts';
import { SandboxController } from './services/sandbox-controller.ts';
import { SandboxesService } from './services/sandboxes.ts';

interface RuntimeParts {
  readonly log: Logger;
  readonly exchange: EventExchange;
  readonly database: Database;
  readonly bundles: Bundles;
}

const ownExecutable = () => process.argv[1] ?? process.execPath;

/** Where the shims of runtimes are. */
export const shimBinaries = ({ runtimes }: Config) => new ShimBinaries({ runtimes, executable: ownExecutable() });

/** What runs tasks, and what runs the sandboxes that some of them belong to. */
export function composeRuntime(
  config: Config,
  parts: RuntimeParts,
  opened: AsyncDisposableStack,
): { manager: TaskManager; sandboxes: SandboxShims } {
  const { log, exchange, database, bundles } = parts;
  const surroundings = {
    address: config.grpc.address,
    ttrpcAddress: config.ttrpc.address,
    publishBinary: ownExecutable(),
    socketDirectory: join(config.state, 's'),
    runcRoot: join(config.state, 'runc'),
    debug: config.logLevel === 'debug' || config.logLevel === 'trace',
  };
  const shared = {
    binaries: shimBinaries(config),
    launcher: new ShimLauncher({ log }, { surroundings, timeouts: defaultTimeouts }),
    log,
  };
  const ofSandboxes = new Bundles({ sys, log }, config, sandboxDirectory);
  const sandboxes = opened.use(new SandboxShims({ ...shared, bundles: ofSandboxes }));
  const manager = new TaskManager(
    {
      ...shared,
      bundles,
      migrations: new CgroupMigrations({ sys, log }),
      events: exchange,
      forward: (envelope) => exchange.forward(envelope),
      runtimeOf: async (namespace, id) => (await database.get(containerTable, [namespace, id]))?.runtime?.name,
      sandboxShimOf: async ({ namespace }, id) => {
        const isKnown = (await database.get(sandboxTable, [namespace, id])) !== undefined;
        return isKnown ? sandboxes.get(namespace, id).bootstrap : undefined;
      },
      sys,
      clock: systemClock,
    },
    { adopt: config.adoptContainers },
  );
  return { manager: opened.use(manager), sandboxes };
}

/** The records of sandboxes, and those that run. */
export function composeSandboxes(
  shims: SandboxShims,
  parts: { readonly database: Database; readonly events: EventExchange; readonly clock: Clock },
): ServiceHandlers[] {
  const store = new SandboxesService(parts);
  return [sandboxStoreHandlers(store), sandboxControllerHandlers(new SandboxController({ ...parts, shims, store }))];
}
