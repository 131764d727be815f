import type { BigIntStats } from 'node:fs';
import { GantryError } from '../../base/errors.ts';
import { type AttributeReader, attributesOf } from './attributes.ts';
import { type Ancestor, type Change, type Entry, isHardLinked } from './entry.ts';
import { type TarEntry, type TarType, tarHeader, tarPadding, tarTrailer } from './tar-header.ts';

const chunkSizeBytes = 1 << 20;
const whiteoutPrefix = '.wh.';

/** Another name of a file of which no change has been seen yet. */
interface OtherName {
  readonly path: string;
  readonly ancestors: readonly Ancestor[];
}

/**
 * Changes as a layer in the tar format of the OCI image specification: equal changes make equal bytes. Deleted files
 * become whiteouts, directories above a change are told even if they have not changed, sockets are left out.
 * @param latestMtimeNs no file is told to be younger, in nanoseconds since the epoch
 */
export function* tarOfChanges(
  sys: AttributeReader,
  changes: Iterable<Change>,
  options: { readonly latestMtimeNs?: bigint | undefined } = {},
): Generator<Buffer> {
  const archive = new LayerArchive(sys, options.latestMtimeNs);
  for (const change of changes) yield* archive.add(change);
  yield tarTrailer;
}

class LayerArchive {
  readonly #sys: AttributeReader;
  readonly #latestMtimeNs: bigint | undefined;
  /** Directories that are in the archive. */
  readonly #directories = new Set<string>();
  /** Where a file with several names is in the archive, by its inode. */
  readonly #stored = new Map<string, string>();
  /** Names of files with several names, unchanged so far, by inode. */
  readonly #otherNames = new Map<string, OtherName[]>();

  constructor(sys: AttributeReader, latestMtimeNs: bigint | undefined) {
    this.#sys = sys;
    this.#latestMtimeNs = latestMtimeNs;
  }

  *add(change: Change): Generator<Buffer> {
    const { ancestors } = change;
    if (change.kind === 'deleted') {
      yield* this.#parents(ancestors);
      yield tarHeader(whiteout(change.path));
      return;
    }
    const { entry, kind } = change;
    if (entry.stats.isSocket()) return;
    if (isHardLinked(entry)) {
      yield* this.#hardLinked(entry, ancestors, kind === 'unmodified');
    } else if (kind !== 'unmodified') {
      yield* this.#parents(ancestors);
      yield* this.#contents(entry);
    }
  }

  *#hardLinked(entry: Entry, ancestors: readonly Ancestor[], unmodified: boolean): Generator<Buffer> {
    const { path, stats } = entry;
    const inode = `${stats.dev}:${stats.ino}`;
    const stored = this.#stored.get(inode);
    if (stored !== undefined) {
      yield* this.#link(stats, stored, { path, ancestors });
      return;
    }
    const others = this.#otherNames.get(inode) ?? [];
    if (unmodified) {
      this.#otherNames.set(inode, [...others, { path, ancestors }]);
      return;
    }
    this.#stored.set(inode, path);
    this.#otherNames.delete(inode);
    yield* this.#parents(ancestors);
    yield* this.#contents(entry);
    for (const other of others) yield* this.#link(stats, path, other);
  }

  *#link(stats: BigIntStats, target: string, { path, ancestors }: OtherName): Generator<Buffer> {
    yield* this.#parents(ancestors);
    yield tarHeader({ ...this.#describe(path, stats), type: 'hardlink', linkTarget: target });
  }

  *#parents(ancestors: readonly Ancestor[]): Generator<Buffer> {
    for (const ancestor of ancestors) {
      if (!this.#directories.has(ancestor.path)) yield this.#directory(ancestor);
    }
  }

  #directory({ path, stats, xattrs }: Ancestor): Buffer {
    this.#directories.add(path);
    return tarHeader({ ...this.#describe(path, stats), path: `${path}/`, xattrs });
  }

  *#contents(entry: Entry): Generator<Buffer> {
    const { path, stats } = entry;
    if (stats.isDirectory()) {
      yield this.#directory({ path, stats, xattrs: attributesOf(this.#sys, entry) });
    } else if (stats.isSymbolicLink()) {
      yield tarHeader({ ...this.#describeWhole(entry), linkTarget: entry.directory.linkTarget(entry.name) });
    } else if (stats.isFile()) {
      yield* this.#file(entry);
    } else {
      yield tarHeader(this.#describeWhole(entry));
    }
  }

  *#file(entry: Entry): Generator<Buffer> {
    const sizeBytes = Number(entry.stats.size);
    using file = entry.directory.file(entry.name);
    yield tarHeader({ ...this.#describeWhole(entry), sizeBytes });
    for (let left = sizeBytes; left > 0; ) {
      const chunk = Buffer.allocUnsafe(Math.min(left, chunkSizeBytes));
      if (file.fill(chunk) < chunk.length) {
        throw new GantryError('aborted', `file ${entry.path} has shrunk while it was read`);
      }
      yield chunk;
      left -= chunk.length;
    }
    const padding = tarPadding(sizeBytes);
    if (padding.length > 0) yield padding;
  }

  #describeWhole(entry: Entry): TarEntry {
    return { ...this.#describe(entry.path, entry.stats), xattrs: attributesOf(this.#sys, entry) };
  }

  #describe(path: string, stats: BigIntStats): TarEntry {
    const type = typeOf(stats);
    const hasDevice = type === 'character' || type === 'block';
    return {
      type,
      path,
      linkTarget: '',
      mode: Number(stats.mode) & 0o7777,
      uid: Number(stats.uid),
      gid: Number(stats.gid),
      sizeBytes: 0,
      mtimeNs: this.#clamped(stats.mtimeNs),
      deviceMajor: hasDevice ? deviceMajor(stats.rdev) : 0,
      deviceMinor: hasDevice ? deviceMinor(stats.rdev) : 0,
      xattrs: new Map(),
    };
  }

  #clamped(mtimeNs: bigint): bigint {
    return this.#latestMtimeNs !== undefined && mtimeNs > this.#latestMtimeNs ? this.#latestMtimeNs : mtimeNs;
  }
}

function typeOf(stats: BigIntStats): TarType {
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isCharacterDevice()) return 'character';
  if (stats.isBlockDevice()) return 'block';
  return stats.isFIFO() ? 'fifo' : 'file';
}

/** An empty file that says the file beside it is gone. */
function whiteout(path: string): TarEntry {
  const slash = path.lastIndexOf('/') + 1;
  return {
    type: 'file',
    path: `${path.slice(0, slash)}${whiteoutPrefix}${path.slice(slash)}`,
    linkTarget: '',
    mode: 0,
    uid: 0,
    gid: 0,
    sizeBytes: 0,
    mtimeNs: 0n,
    deviceMajor: 0,
    deviceMinor: 0,
    xattrs: new Map(),
  };
}

/** As glibc's gnu_dev_major and gnu_dev_minor. */
function deviceMajor(device: bigint): number {
  return Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn));
}

function deviceMinor(device: bigint): number {
  return Number((device & 0xffn) | ((device >> 12n) & ~0xffn));
}
