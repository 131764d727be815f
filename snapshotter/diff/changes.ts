import { GantryError } from '../../base/errors.ts';
import { type AttributeReader, attributesOf, isPlainlyMerged } from './attributes.ts';
import type { Ancestor, Change, Entry } from './entry.ts';
import { OpenDirectory } from './open-directory.ts';
import { sameEntry } from './same-entry.ts';

/** Each level holds three descriptors open. */
const maxDepth = 1024;

/** The trees to compare, by the paths of their tops. */
export interface Trees {
  readonly lower: string;
  readonly upper: string;
  /**
   * Where `upper` is an overlay on top of `lower`: its upper directory. Only what is in there is looked at, and the result
   * is the same.
   */
  readonly overlayUpper?: string | undefined;
}

/** One directory that the walk is in. */
interface Frame {
  /** Undefined where the lower tree has no such directory. */
  readonly lower: OpenDirectory | undefined;
  readonly upper: OpenDirectory;
  /** The same directory in the upper directory of an overlay, if no other name can differ than those in it. */
  readonly overlay: OpenDirectory | undefined;
  readonly path: string;
  readonly ancestors: readonly Ancestor[];
  /** Names in order, to be taken from the end. */
  readonly rest: string[];
}

/**
 * How `upper` differs from `lower`, in the order in which the changes can be applied: a directory before what is in it,
 * names of one directory in byte order. A deleted directory is one change, as is one that another kind of file replaced.
 * Unchanged files are told only if they have several names, for another of the names may be a change.
 */
export function* changesBetween(sys: AttributeReader, trees: Trees): Generator<Change> {
  const stack: Frame[] = [topOf(trees)];
  try {
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const name = top.rest.pop();
      if (name === undefined) {
        stack.pop();
        closeFrame(top);
        continue;
      }
      const { change, below } = compare(sys, top, name);
      if (change !== undefined) yield change;
      if (below !== undefined) stack.push(below);
      if (stack.length > maxDepth) {
        throw new GantryError(
          'resource-exhausted',
          `directories below ${trees.upper} are nested deeper than ${maxDepth}`,
        );
      }
    }
  } finally {
    for (const each of stack) closeFrame(each);
  }
}

function topOf({ lower, upper, overlayUpper }: Trees): Frame {
  const overlay = overlayUpper === undefined ? undefined : OpenDirectory.top(overlayUpper);
  return frame({ lower: OpenDirectory.top(lower), upper: OpenDirectory.top(upper), overlay, path: '', ancestors: [] });
}

function compare(sys: AttributeReader, at: Frame, name: string): { change?: Change; below?: Frame } {
  const { ancestors } = at;
  const path = at.path === '' ? name : `${at.path}/${name}`;
  const entry = entryOf(at.upper, name, path);
  const old = at.lower && entryOf(at.lower, name, path);
  // A name that is in neither has come and gone, or is a whiteout of nothing.
  if (entry === undefined) return old === undefined ? {} : { change: { kind: 'deleted', path, ancestors } };
  const below = entry.stats.isDirectory() ? { below: descend(sys, at, entry, old) } : {};
  if (old === undefined) return { change: { kind: 'added', entry, ancestors }, ...below };
  if (!sameEntry(sys, old, entry)) return { change: { kind: 'modified', entry, ancestors }, ...below };
  return entry.stats.isDirectory() ? below : { change: { kind: 'unmodified', entry, ancestors } };
}

function entryOf(directory: OpenDirectory, name: string, path: string): Entry | undefined {
  const stats = directory.stat(name);
  return stats && { directory, name, path, stats };
}

function descend(sys: AttributeReader, at: Frame, entry: Entry, old: Entry | undefined): Frame {
  const { name, path, stats } = entry;
  const upper = at.upper.directory(name);
  const lower = old?.stats.isDirectory() ? old.directory.directory(name) : undefined;
  const isGuided = at.overlay !== undefined && lower !== undefined && isPlainlyMerged(sys, at.overlay, name);
  const overlay = isGuided ? at.overlay?.directory(name) : undefined;
  return frame({
    lower,
    upper,
    overlay,
    path,
    ancestors: [...at.ancestors, { path, stats, xattrs: attributesOf(sys, entry) }],
  });
}

function frame(at: Omit<Frame, 'rest'>): Frame {
  const names = at.overlay?.names() ?? [...new Set([...(at.lower?.names() ?? []), ...at.upper.names()])].sort();
  return { ...at, rest: names.reverse() };
}

function closeFrame({ lower, upper, overlay }: Frame): void {
  for (const directory of [lower, upper, overlay]) directory?.close();
}
