import { GantryError } from '../../base/errors.ts';
import type { Ancestor, Change, Entry } from './entry.ts';
import { OpenDirectory } from './open-directory.ts';
import { type CapabilityReader, sameEntry } from './same-entry.ts';

/** Each level holds two descriptors open. */
const maxDepth = 1024;

/** One directory that the walk is in. */
interface Frame {
  /** Undefined where the lower tree has no such directory. */
  readonly lower: OpenDirectory | undefined;
  readonly upper: OpenDirectory;
  readonly path: string;
  readonly ancestors: readonly Ancestor[];
  /** Names of both directories in order, to be taken from the end. */
  readonly rest: Name[];
}

interface Name {
  readonly name: string;
  readonly inLower: boolean;
  readonly inUpper: boolean;
}

/**
 * How `upper` differs from `lower`, in the order in which the changes can be applied: a directory before what is in it,
 * names of one directory in byte order. A deleted directory is one change, as is one that another kind of file replaced.
 * Unchanged files are told only if they have several names, for another of the names may be a change.
 */
export async function* changesBetween(
  sys: CapabilityReader,
  lower: string,
  upper: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Change> {
  const stack: Frame[] = [];
  try {
    stack.push(await frame(await OpenDirectory.top(lower), await OpenDirectory.top(upper), '', []));
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      options.signal?.throwIfAborted();
      const next = top.rest.pop();
      if (next === undefined) {
        stack.pop();
        await closeFrame(top);
        continue;
      }
      const { change, below } = await compare(sys, top, next);
      if (change !== undefined) yield change;
      if (below !== undefined) stack.push(below);
      if (stack.length > maxDepth) {
        throw new GantryError('resource-exhausted', `directories below ${upper} are nested deeper than ${maxDepth}`);
      }
    }
  } finally {
    for (const each of stack) await closeFrame(each);
  }
}

async function compare(sys: CapabilityReader, at: Frame, next: Name): Promise<{ change?: Change; below?: Frame }> {
  const { ancestors } = at;
  const path = at.path === '' ? next.name : `${at.path}/${next.name}`;
  if (!next.inUpper) return { change: { kind: 'deleted', path, ancestors } };
  const entry = await entryOf(at.upper, next.name, path);
  const old = next.inLower && at.lower ? await entryOf(at.lower, next.name, path) : undefined;
  const below = entry.stats.isDirectory() ? { below: await descend(at, entry, old) } : {};
  if (old === undefined) return { change: { kind: 'added', entry, ancestors }, ...below };
  if (!(await sameEntry(sys, old, entry))) return { change: { kind: 'modified', entry, ancestors }, ...below };
  return entry.stats.isDirectory() ? below : { change: { kind: 'unmodified', entry, ancestors } };
}

async function entryOf(directory: OpenDirectory, name: string, path: string): Promise<Entry> {
  return { directory, name, path, stats: await directory.stat(name) };
}

async function descend(at: Frame, entry: Entry, old: Entry | undefined): Promise<Frame> {
  const upper = await at.upper.directory(entry.name);
  const lower = old?.stats.isDirectory() ? await old.directory.directory(entry.name) : undefined;
  return frame(lower, upper, entry.path, [...at.ancestors, { path: entry.path, stats: entry.stats }]);
}

async function frame(
  lower: OpenDirectory | undefined,
  upper: OpenDirectory,
  path: string,
  ancestors: readonly Ancestor[],
): Promise<Frame> {
  const inLower = new Set((await lower?.names()) ?? []);
  const inUpper = new Set(await upper.names());
  const names = [...new Set([...inLower, ...inUpper])].sort().reverse();
  const rest = names.map((name) => ({ name, inLower: inLower.has(name), inUpper: inUpper.has(name) }));
  return { lower, upper, path, ancestors, rest };
}

async function closeFrame({ lower, upper }: Frame): Promise<void> {
  await lower?.close();
  await upper.close();
}
