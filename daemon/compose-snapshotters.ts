import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { sys } from '../native/sys.ts';
import { openCopy } from '../snapshotter/copy/copy.ts';
import { openOverlay } from '../snapshotter/overlay/overlay.ts';
import type { Config } from './config/config.ts';
import type { LayerStore } from './doctor/world.ts';
import type { EventPublisher } from './events/publisher.ts';
import type { Database } from './metadata/database.ts';
import { RecoveringSnapshots, type Snapshots } from './metadata/recovering-snapshots.ts';
import { NamespacedSnapshotter } from './metadata/snapshots.ts';
import { snapshotterRecords } from './metadata/snapshotter-records.ts';
import type { ProxyConnections } from './proxy/connections.ts';
import { ProxySnapshotter } from './proxy/snapshotter.ts';

/** What all snapshotters are made of. */
interface Parts {
  readonly database: Database;
  readonly events: EventPublisher;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface OpenedSnapshotters {
  /** All, by name, as namespaces see them. */
  readonly snapshotters: ReadonlyMap<string, Snapshots>;
  /** The daemon's own. */
  readonly layerStores: readonly LayerStore[];
  /** What clients may rely on, by the name of the daemon's own. */
  readonly capabilities: Readonly<Record<string, readonly string[]>>;
}

const own = ['overlayfs', 'native'] as const;

/** Where the daemon's own snapshotters keep what they have, by their names. */
export function snapshotterRoots({ root, snapshotters }: Config): Record<(typeof own)[number], string> {
  const rootOf = (name: (typeof own)[number]) =>
    snapshotters[name].root === '' ? join(root, `io.containerd.snapshotter.v1.${name}`) : snapshotters[name].root;
  return { overlayfs: rootOf('overlayfs'), native: rootOf('native') };
}

/** The directories of the layers of each of them. */
export function layerDirectories(config: Config): Record<string, string> {
  return Object.fromEntries(
    Object.entries(snapshotterRoots(config)).map(([name, root]) => [name, join(root, 'snapshots')]),
  );
}

/** Opens the daemon's own snapshotters, with the traces of a crash removed, and those that are reached by proxy. */
export async function openSnapshotters(
  config: Config,
  parts: Parts & { readonly proxies: ProxyConnections },
  opened: AsyncDisposableStack,
): Promise<OpenedSnapshotters> {
  const roots = snapshotterRoots(config);
  const snapshotters = new Map<string, Snapshots>();
  const layerStores: LayerStore[] = [];
  const capabilities: Record<string, readonly string[]> = {};
  for (const name of own) {
    const records = snapshotterRecords(parts.database, name);
    const deps = { ...parts, sys, records };
    const root = roots[name];
    const snapshotter = opened.use(
      name === 'native'
        ? await openCopy(deps, { root })
        : await openOverlay(deps, { ...config.snapshotters[name], root }),
    );
    const syncRemove = name === 'overlayfs' && config.snapshotters[name].syncRemove;
    const snapshots = new NamespacedSnapshotter({ ...parts, snapshotter }, { name, syncRemove });
    opened.defer(() => snapshots.close());
    await snapshots.recover();
    snapshotters.set(name, snapshots);
    layerStores.push({ snapshots, snapshotter, records, layers: join(root, 'snapshots') });
    capabilities[name] = snapshotter.capabilities;
  }
  for (const connection of parts.proxies.ofType('snapshot')) {
    const snapshotter = new ProxySnapshotter(connection);
    const { name } = connection;
    snapshotters.set(name, new RecoveringSnapshots(new NamespacedSnapshotter({ ...parts, snapshotter }, { name })));
  }
  return { snapshotters, layerStores, capabilities };
}
