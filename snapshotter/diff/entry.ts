import type { BigIntStats } from 'node:fs';
import type { OpenDirectory } from './open-directory.ts';

/** One name in a tree that is being walked. */
export interface Entry {
  /** Open for as long as the walk stands at this entry. */
  readonly directory: OpenDirectory;
  readonly name: string;
  /** Below the top of the tree, without a leading slash; one character for each byte. */
  readonly path: string;
  readonly stats: BigIntStats;
}

/** A directory above an entry. It outlives the walk's stay in it. */
export interface Ancestor {
  readonly path: string;
  readonly stats: BigIntStats;
  /** The extended attributes that belong into a layer. */
  readonly xattrs: ReadonlyMap<string, Buffer>;
}

export type ChangeKind = 'added' | 'modified' | 'unmodified';

/** How an upper tree differs from a lower one at one name. */
export type Change =
  | { readonly kind: ChangeKind; readonly entry: Entry; readonly ancestors: readonly Ancestor[] }
  | { readonly kind: 'deleted'; readonly path: string; readonly ancestors: readonly Ancestor[] };

/** True for a file that has other names; directories do not count. */
export function isHardLinked({ stats }: Entry): boolean {
  return !stats.isDirectory() && stats.nlink > 1n;
}
