import { type BigIntStats, closeSync, openSync } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sys } from '../../native/sys.ts';

/** One entry of a tree, with all that a layer has to keep of it. */
export interface TreeEntry {
  type: 'file' | 'directory' | 'link' | 'fifo' | 'device';
  mode: number;
  uid: number;
  gid: number;
  /** Contents of a file, target of a symbolic link. */
  content?: string;
  /** Major and minor number of a device, as one. */
  device?: number;
  /** Paths that share the inode, first one in order; only where there are several. */
  linkedWith?: string;
  /** Of files, in nanoseconds since the epoch. */
  mtimeNs?: string;
  /** Extended attributes as hexadecimal digits; only where there are any. */
  xattrs?: Record<string, string>;
}

/** Everything below `root` by path, to be compared with `toEqual`. The root itself is ''. */
export async function treeOf(
  root: string,
  options: { readonly times?: boolean; readonly xattrs?: boolean } = {},
): Promise<Record<string, TreeEntry>> {
  const tree: Record<string, TreeEntry> = {};
  const firstNames = new Map<string, string>();
  const visit = async (path: string) => {
    const full = join(root, path);
    const stats = await lstat(full, { bigint: true });
    const mode = Number(stats.mode) & 0o7777;
    const entry: TreeEntry = { type: typeOf(stats), mode, uid: Number(stats.uid), gid: Number(stats.gid) };
    tree[path] = entry;
    if (options.xattrs) Object.assign(entry, xattrsOf(full));
    if (stats.isDirectory()) {
      for (const name of (await readdir(full)).sort()) await visit(join(path, name));
      return;
    }
    // The count of links is no help: overlayfs still counts names that an upper layer has deleted.
    const inode = `${stats.dev}:${stats.ino}`;
    const first = firstNames.get(inode);
    if (first === undefined) firstNames.set(inode, path);
    else for (const linked of [tree[first], entry]) if (linked) linked.linkedWith = first;
    if (options.times) entry.mtimeNs = String(stats.mtimeNs);
    if (entry.type === 'file') entry.content = await readFile(full, 'utf8');
    if (entry.type === 'link') entry.content = await readlink(full);
    if (entry.type === 'device') entry.device = Number(stats.rdev);
  };
  await visit('');
  return tree;
}

function xattrsOf(path: string): Pick<TreeEntry, 'xattrs'> {
  const directory = openSync(dirname(path), 'r');
  const found = [...sys.extendedAttributes(directory, Buffer.from(basename(path)))];
  closeSync(directory);
  if (found.length === 0) return {};
  return { xattrs: Object.fromEntries(found.map(([name, value]) => [name, value.toString('hex')])) };
}

function typeOf(stats: BigIntStats): TreeEntry['type'] {
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isFIFO()) return 'fifo';
  return stats.isFile() ? 'file' : 'device';
}
