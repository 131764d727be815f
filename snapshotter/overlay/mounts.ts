import type { SnapshotRecord } from '../record.ts';
import type { Mount } from '../snapshotter.ts';

/** Where the files of a layer are. */
export interface LayerPaths {
  upper(id: number): string;
  work(id: number): string;
}

/**
 * The mounts of an active snapshot or a view. Overlayfs wants at least one layer below and, without an upper directory, two;
 * where there are fewer a bind mount of the one directory there is shows the same.
 * @param options of every overlay mount, such as `index=off`; bind mounts do not get them
 */
export function overlayMounts(snapshot: SnapshotRecord, paths: LayerPaths, options: readonly string[]): Mount[] {
  const { id, kind, parentIds } = snapshot;
  const [nearest] = parentIds;
  if (nearest === undefined) return [bind(paths.upper(id), kind === 'view' ? 'ro' : 'rw')];
  if (kind === 'view' && parentIds.length === 1) return [bind(paths.upper(nearest), 'ro')];
  const own = kind === 'active' ? [`workdir=${paths.work(id)}`, `upperdir=${paths.upper(id)}`] : [];
  const lower = `lowerdir=${parentIds.map((parent) => paths.upper(parent)).join(':')}`;
  return [{ type: 'overlay', source: 'overlay', target: '', options: [...options, ...own, lower] }];
}

function bind(source: string, access: 'ro' | 'rw'): Mount {
  return { type: 'bind', source, target: '', options: [access, 'rbind'] };
}
