import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Context } from '../../daemon/context.ts';
import { Database } from '../../daemon/metadata/database.ts';
import { NamespacedSnapshotter } from '../../daemon/metadata/snapshots.ts';
import { snapshotterRecords } from '../../daemon/metadata/snapshotter-records.ts';
import { sys } from '../../native/sys.ts';
import { openOverlay } from '../../snapshotter/overlay/overlay.ts';

export const ctx: Context = { namespace: 'testing', signal: new AbortController().signal };

/** Metadata and overlay snapshotter as the daemon puts them together, below one directory. */
export async function openSnapshotStack(directory: string) {
  const common = { clock: systemClock, logger: silentLogger };
  const database = await Database.open(join(directory, 'db'));
  const records = snapshotterRecords(database, 'overlayfs');
  const root = join(directory, 'overlay');
  const backend = await openOverlay({ sys, records, ...common }, { root });
  const deps = { database, snapshotter: backend, events: { publish: () => undefined }, ...common };
  const snapshots = new NamespacedSnapshotter(deps, { name: 'overlayfs' });
  return {
    database,
    backend,
    snapshots,
    layers: join(root, 'snapshots'),
    async [Symbol.asyncDispose]() {
      await snapshots.close();
      await database.close();
    },
  };
}
