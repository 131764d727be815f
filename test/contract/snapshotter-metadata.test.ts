import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Context } from '../../daemon/context.ts';
import { Database } from '../../daemon/metadata/database.ts';
import { NamespacedSnapshotter } from '../../daemon/metadata/snapshots.ts';
import { snapshotterRecords } from '../../daemon/metadata/snapshotter-records.ts';
import { sys } from '../../native/sys.ts';
import { openOverlay } from '../../snapshotter/overlay/overlay.ts';
import type { Snapshotter } from '../../snapshotter/snapshotter.ts';
import { snapshotterSuite } from './snapshotter-suite.ts';

const common = { clock: systemClock, logger: silentLogger };
const ctx: Context = { namespace: 'testing', signal: new AbortController().signal };

/** The namespaced snapshotter as its callers in one namespace see it. */
function inNamespace(snapshotter: NamespacedSnapshotter, database: Database): Snapshotter {
  const close = async () => {
    await snapshotter.close();
    await database.close();
  };
  return {
    prepare: (...rest) => snapshotter.prepare(ctx, ...rest),
    view: (...rest) => snapshotter.view(ctx, ...rest),
    mounts: (key) => snapshotter.mounts(ctx, key),
    commit: (...rest) => snapshotter.commit(ctx, ...rest),
    remove: (key) => snapshotter.remove(ctx, key),
    stat: (key) => snapshotter.stat(ctx, key),
    update: (...rest) => snapshotter.update(ctx, ...rest),
    walk: (filters) => snapshotter.walk(ctx, filters),
    usage: (key) => snapshotter.usage(ctx, key),
    cleanup: () => snapshotter.cleanup(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

snapshotterSuite('overlay behind metadata', async (root) => {
  const database = await Database.open(join(`${root}-db`));
  const records = snapshotterRecords(database, 'overlayfs');
  const snapshotter = await openOverlay({ sys, records, ...common }, { root });
  const events = { publish: () => undefined };
  return inNamespace(
    new NamespacedSnapshotter({ database, snapshotter, events, ...common }, { name: 'overlayfs' }),
    database,
  );
});
