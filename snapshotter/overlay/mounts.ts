import type { SnapshotRecord } from '../record.ts';
import type { Mount } from '../snapshotter.ts';
import type { IdMapping } from './id-mapping.ts';

/** Where the files of a layer are. */
export interface LayerPaths {
  upper(id: number): string;
  work(id: number): string;
}

export interface OverlayMountOptions {
  /** Of every overlay mount, such as `index=off`; bind mounts do not get them. */
  readonly options: readonly string[];
  /** How the mounts are to show the ids in the layers, if not as they are. */
  readonly mapping?: IdMapping | undefined;
}

/**
 * The mounts of an active snapshot or a view. Overlayfs wants at least one layer below and, without an upper directory, two;
 * where there are fewer a bind mount of the one directory there is shows the same.
 */
export function overlayMounts(snapshot: SnapshotRecord, paths: LayerPaths, how: OverlayMountOptions): Mount[] {
  const { id, kind, parentIds } = snapshot;
  const { mapping } = how;
  const maps = mapping === undefined ? [] : [`uidmap=${mapping.uidMap}`, `gidmap=${mapping.gidMap}`];
  const [nearest] = parentIds;
  if (nearest === undefined) return [bind(paths.upper(id), [...maps, kind === 'view' ? 'ro' : 'rw'])];
  if (kind === 'view' && parentIds.length === 1) return [bind(paths.upper(nearest), [...maps, 'ro'])];
  const own = kind === 'active' ? [`workdir=${paths.work(id)}`, `upperdir=${paths.upper(id)}`] : [];
  const lower = `lowerdir=${parentIds.map((parent) => paths.upper(parent)).join(':')}`;
  return [{ type: 'overlay', source: 'overlay', target: '', options: [...maps, ...how.options, ...own, lower] }];
}

function bind(source: string, options: readonly string[]): Mount {
  return { type: 'bind', source, target: '', options: [...options, 'rbind'] };
}
