import type { Stats } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

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
  /** Of files, in whole seconds since the epoch. */
  mtimeS?: number;
}

/** Everything below `root` by path, to be compared with `toEqual`. The root itself is ''. */
export async function treeOf(
  root: string,
  options: { readonly times?: boolean } = {},
): Promise<Record<string, TreeEntry>> {
  const tree: Record<string, TreeEntry> = {};
  const firstNames = new Map<string, string>();
  const visit = async (path: string) => {
    const full = join(root, path);
    const stats = await lstat(full);
    const entry: TreeEntry = { type: typeOf(stats), mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid };
    tree[path] = entry;
    if (stats.isDirectory()) {
      for (const name of (await readdir(full)).sort()) await visit(join(path, name));
      return;
    }
    // The count of links is no help: overlayfs still counts names that an upper layer has deleted.
    const inode = `${stats.dev}:${stats.ino}`;
    const first = firstNames.get(inode);
    if (first === undefined) firstNames.set(inode, path);
    else for (const linked of [tree[first], entry]) if (linked) linked.linkedWith = first;
    if (options.times) entry.mtimeS = Math.floor(stats.mtimeMs / 1000);
    if (entry.type === 'file') entry.content = await readFile(full, 'utf8');
    if (entry.type === 'link') entry.content = await readlink(full);
    if (entry.type === 'device') entry.device = stats.rdev;
  };
  await visit('');
  return tree;
}

function typeOf(stats: Stats): TreeEntry['type'] {
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isFIFO()) return 'fifo';
  return stats.isFile() ? 'file' : 'device';
}
