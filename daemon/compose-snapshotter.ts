import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { withUndo } from '../base/undo.ts';
import { sys } from '../native/sys.ts';
import { openCopy } from '../snapshotter/copy/copy.ts';
import type { LayerSnapshotter } from '../snapshotter/layers/layer-snapshotter.ts';
import { openOverlay } from '../snapshotter/overlay/overlay.ts';
import { defaultConfig } from './config/config.ts';
import { claimSocket } from './grpc/claim-socket.ts';
import { healthHandlers } from './grpc/health.ts';
import { GrpcServer } from './grpc/server.ts';
import { standaloneSnapshotsHandlers } from './grpc/standalone-snapshots.ts';
import { Database } from './metadata/database.ts';
import { snapshotterRecords } from './metadata/snapshotter-records.ts';
import { lockRoot } from './root-lock.ts';
import type { SnapshotterFlags } from './snapshotter-flags.ts';

/** A snapshotter that runs apart from any daemon: opens it, and serves it until the result is disposed. */
export function composeSnapshotter(flags: SnapshotterFlags, log: Logger): Promise<AsyncDisposable> {
  return withUndo(async (undo) => {
    const opened = new AsyncDisposableStack();
    undo.push('close what was opened', () => opened.disposeAsync());
    const { root, address } = flags;
    await mkdir(root, { recursive: true, mode: 0o700 });
    await chmod(root, 0o700);
    opened.use(await lockRoot(root));
    await claimSocket(address);
    const database = opened.use(await Database.open(join(root, 'metadata')));
    const snapshotter = opened.use(await open(flags, database, log));
    const server = opened.use(new GrpcServer({ log }, { ...defaultConfig().grpc, address }));
    const handlers = standaloneSnapshotsHandlers(snapshotter);
    server.add(handlers);
    server.add(healthHandlers([handlers.name]));
    await server.listen();
    return opened;
  });
}

/** Nothing here refers to the records after they are written, so each has to last by itself. */
function open(flags: SnapshotterFlags, database: Database, logger: Logger): Promise<LayerSnapshotter> {
  const { driver, root, mountOption, upperdirLabel, slowChown, syncRemove } = flags;
  const records = snapshotterRecords(database, driver, { durable: true });
  const deps = { sys, records, clock: systemClock, logger };
  if (driver === 'copy') return openCopy(deps, { root, syncRemove });
  const overlay = { mountOptions: mountOption, upperDirectoryLabel: upperdirLabel, slowChown };
  return openOverlay(deps, { root, syncRemove, ...overlay });
}
