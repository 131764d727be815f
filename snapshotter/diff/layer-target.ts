import type { Mount } from '../snapshotter.ts';

/** How a deleted file is written down: by deleting it, or in overlayfs' own way, mounted without or with `userxattr`. */
export type WhiteoutStyle = 'plain' | 'overlay' | 'overlay-user';

/** Where the files of a layer go. */
export interface LayerTarget {
  readonly directory: string;
  readonly whiteouts: WhiteoutStyle;
  /** Directories of the layers below, nearest first: what the layer implies without telling of it is made as it is there. */
  readonly lowerDirectories: readonly string[];
}

/**
 * The directory behind mounts that are one writable directory, alone or as the upper one of an overlay. Undefined for all
 * others: those have to be mounted to be written to.
 */
export function directTarget(mounts: readonly Mount[]): LayerTarget | undefined {
  const [mount, ...others] = mounts;
  if (mount === undefined || others.length > 0 || mount.target !== '') return undefined;
  if (mount.type === 'bind') {
    if (mount.options.includes('ro')) return undefined;
    return { directory: mount.source, whiteouts: 'plain', lowerDirectories: [] };
  }
  if (mount.type !== 'overlay' || mount.options.includes('ro')) return undefined;
  const directory = optionValue(mount, 'upperdir');
  if (directory === undefined) return undefined;
  const lower = optionValue(mount, 'lowerdir');
  return {
    directory,
    whiteouts: mount.options.includes('userxattr') ? 'overlay-user' : 'overlay',
    lowerDirectories: lower === undefined ? [] : lower.split(':'),
  };
}

function optionValue({ options }: Mount, name: string): string | undefined {
  return options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
}
