import type { ApplyLayerOptions } from '../../native/sys.ts';
import type { Mount } from '../snapshotter.ts';

/** Where the files of a layer go, and how; see ApplyLayerOptions. */
export type LayerTarget = Required<Pick<ApplyLayerOptions, 'target' | 'whiteouts' | 'parents'>>;

/**
 * The directory behind mounts that are one writable directory, alone or as the upper one of an overlay. Undefined for all
 * others: those have to be mounted to be written to.
 */
export function directTarget(mounts: readonly Mount[]): LayerTarget | undefined {
  const [mount, ...others] = mounts;
  if (mount === undefined || others.length > 0 || mount.target !== '') return undefined;
  // The owners in the layer are then not those to be written.
  if (optionValue(mount, 'uidmap') !== undefined) return undefined;
  if (mount.type === 'bind') {
    if (mount.options.includes('ro')) return undefined;
    return { target: mount.source, whiteouts: 'plain', parents: [] };
  }
  if (mount.type !== 'overlay' || mount.options.includes('ro')) return undefined;
  const target = optionValue(mount, 'upperdir');
  if (target === undefined) return undefined;
  const lower = optionValue(mount, 'lowerdir');
  return {
    target,
    whiteouts: mount.options.includes('userxattr') ? 'overlay-userxattr' : 'overlay',
    parents: lower === undefined ? [] : lower.split(':'),
  };
}

function optionValue({ options }: Mount, name: string): string | undefined {
  return options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
}
