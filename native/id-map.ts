import { mkdtemp, rmdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { failedPrecondition, invalidArgument } from '../base/errors.ts';
import type { Binding } from './binding.ts';
import { splitLowerDirs } from './overlay-options.ts';

/** The id maps of a mount in the kernel's form: lines of first id in the file system, first id seen, count. */
export interface IdMap {
  readonly uids: string;
  readonly gids: string;
}

/** MOUNT_ATTR_RDONLY */
const readOnly = 0x1;

/** MNT_DETACH */
const detach = 2;

const largestId = 0xffff_fffe;

/**
 * The maps of `uidmap=` and `gidmap=` options, each `container-id:host-id:size[,…]`; undefined without either.
 * @throws GantryError invalid-argument if one is missing or malformed
 */
export function parseIdMap(uidMap: string | undefined, gidMap: string | undefined): IdMap | undefined {
  if (uidMap === undefined && gidMap === undefined) return undefined;
  if (uidMap === undefined || gidMap === undefined) {
    throw invalidArgument('mount options uidmap and gidmap are only supported together');
  }
  return { uids: kernelMap('uidmap', uidMap), gids: kernelMap('gidmap', gidMap) };
}

function kernelMap(name: string, map: string): string {
  const lines = map.split(',').map((entry) => {
    const [, inside, outside, count] = /^(\d{1,10}):(\d{1,10}):(\d{1,10})$/.exec(entry) ?? [];
    const isInRange = [inside, outside, count].every((number) => Number(number) <= largestId);
    if (count === undefined || Number(count) === 0 || !isInRange) {
      throw invalidArgument(`mount option ${name}=${map}: "${entry}" is not container-id:host-id:size`);
    }
    return `${inside} ${outside} ${count}\n`;
  });
  return lines.join('');
}

/**
 * Runs `body` with overlay options whose lower directories show mapped owners: the directory above all of them is mounted,
 * mapped, beside `target` for as long as that takes. An overlay keeps what it was mounted from.
 */
export async function withMappedLowerDirs<T>(
  api: Binding,
  { target, data, idMap }: { readonly target: string; readonly data: readonly string[]; readonly idMap: IdMap },
  body: (data: readonly string[]) => Promise<T>,
): Promise<T> {
  const lower = data.find((option) => option.startsWith('lowerdir='));
  const directories = lower === undefined ? [] : splitLowerDirs(lower.slice('lowerdir='.length));
  const shared = commonParent(directories);
  if (shared === undefined) {
    throw failedPrecondition(`mount ${target}: lower directories to be id-mapped have no directory in common`);
  }
  const mapped = await mkdtemp(join(dirname(target), '.idmapped-'));
  try {
    await api.bindMount(shared, mapped, false, readOnly, 0, idMap.uids, idMap.gids);
    try {
      const seen = directories.map((each) => join(mapped, relative(shared, each)).replaceAll(':', '\\:'));
      return await body(data.map((option) => (option === lower ? `lowerdir=${seen.join(':')}` : option)));
    } finally {
      await api.unmount(mapped, detach);
    }
  } finally {
    await rmdir(mapped);
  }
}

/** The deepest directory above all of them but the root. */
function commonParent(directories: readonly string[]): string | undefined {
  const [first] = directories;
  if (first === undefined) return undefined;
  for (let parent = dirname(first); parent !== '/' && parent !== '.'; parent = dirname(parent)) {
    if (directories.every((each) => each.startsWith(`${parent}/`))) return parent;
  }
  return undefined;
}
