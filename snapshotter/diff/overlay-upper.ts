import { readFileSync } from 'node:fs';
import type { Mount } from '../snapshotter.ts';

/**
 * The upper directory of `right` if that is an overlay on top of exactly what `left` shows: all that differs is in there.
 * Undefined for all other mounts, and for overlays that change lower files without copying each name up (`index=on`).
 */
export function overlayUpper(left: readonly Mount[], right: readonly Mount[]): string | undefined {
  const below = layersOf(left);
  const [upper, ...lowers] = layersOf(right) ?? [];
  if (below === undefined || upper === undefined || !right[0]?.options.includes(`upperdir=${upper}`)) return undefined;
  if (below.length !== lowers.length || below.some((layer, n) => layer !== lowers[n])) return undefined;
  return keepsIndex(right[0]) ? undefined : upper;
}

/** The directories that a mount shows, topmost first; undefined if it is not one of a snapshotter with directories. */
function layersOf([mount, ...others]: readonly Mount[]): string[] | undefined {
  if (mount === undefined || others.length > 0 || mount.target !== '') return undefined;
  if (mount.type === 'bind') return [mount.source];
  if (mount.type !== 'overlay') return undefined;
  return [...valuesOf(mount, 'upperdir'), ...valuesOf(mount, 'lowerdir').flatMap((list) => list.split(':'))];
}

function valuesOf({ options }: Mount, name: string): string[] {
  return options.filter((option) => option.startsWith(`${name}=`)).map((option) => option.slice(name.length + 1));
}

function keepsIndex({ options }: Mount): boolean {
  const [value] = options.filter((option) => option.startsWith('index='));
  return value === undefined ? indexIsDefault() : value !== 'index=off';
}

function indexIsDefault(): boolean {
  try {
    return readFileSync('/sys/module/overlay/parameters/index', 'utf8').trim() !== 'N';
  } catch {
    return true;
  }
}
