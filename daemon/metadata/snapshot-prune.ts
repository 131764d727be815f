import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Snapshotter } from '../../snapshotter/snapshotter.ts';

/** Snapshots removed at the same time where they have to be one by one. */
const removalsAtOnce = 4;

export interface PruneDeps {
  readonly backend: Snapshotter;
  readonly logger: Logger;
  /** The snapshots to keep. Asked for after the snapshotter has told what it has, so that new ones are among them. */
  readonly inUse: () => Promise<ReadonlySet<string>>;
}

/**
 * Removes from a snapshotter what is not in use; resolves with the number of snapshots removed. One that something in use
 * stands on is left.
 */
export async function pruneSnapshots(deps: PruneDeps): Promise<number> {
  const parents = new Map<string, string>();
  for await (const { name, parent } of deps.backend.walk()) parents.set(name, parent);
  const inUse = await deps.inUse();
  const unused = [...parents.keys()].filter((name) => !inUse.has(name));
  if (unused.length === 0) return 0;
  const removed = await (deps.backend.removeAll?.(new Set(unused)) ?? removeEach(deps, unused, parents));
  const left = unused.length - removed;
  if (left > 0) deps.logger.warn({ snapshots: left }, 'unused snapshots are left');
  return removed;
}

/** Children before their parents. */
async function removeEach(
  { backend, logger }: PruneDeps,
  unused: readonly string[],
  parents: ReadonlyMap<string, string>,
): Promise<number> {
  let removed = 0;
  const remove = async (name: string) => {
    try {
      await backend.remove(name);
      removed += 1;
    } catch (error) {
      logger.warn({ snapshot: name, error: messageOf(error) }, 'cannot remove unused snapshot');
    }
  };
  for (const level of deepestFirst(unused, parents)) {
    const names = level.values();
    const work = async () => {
      for (const name of names) await remove(name);
    };
    await Promise.all(Array.from({ length: removalsAtOnce }, work));
  }
  return removed;
}

/** Snapshots by their number of ancestors, those with most first. */
function deepestFirst(names: readonly string[], parents: ReadonlyMap<string, string>): string[][] {
  const levels: string[][] = [];
  for (const name of names) {
    let steps = 0;
    for (let at = parents.get(name); at !== undefined && at !== ''; at = parents.get(at)) steps += 1;
    const level = levels[steps] ?? [];
    level.push(name);
    levels[steps] = level;
  }
  return levels.filter((level) => level !== undefined).reverse();
}
