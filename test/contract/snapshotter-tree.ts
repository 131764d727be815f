import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** One entry of a tree, with all that a layer has to keep of it. */
export interface TreeEntry {
  type: 'file' | 'directory' | 'link' | 'other';
  mode: number;
  uid: number;
  gid: number;
  /** Contents of a file, target of a symbolic link. */
  content?: string;
  /** Paths that share the inode, first one in order; only where there are several. */
  linkedWith?: string;
}

/** Everything below `root` by path, to be compared with `toEqual`. The root itself is ''. */
export async function treeOf(root: string): Promise<Record<string, TreeEntry>> {
  const tree: Record<string, TreeEntry> = {};
  const firstNames = new Map<number, string>();
  const visit = async (path: string) => {
    const full = join(root, path);
    const stats = await lstat(full);
    const entry: TreeEntry = { type: 'other', mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid };
    tree[path] = entry;
    if (stats.isDirectory()) {
      entry.type = 'directory';
      for (const name of (await readdir(full)).sort()) await visit(join(path, name));
      return;
    }
    if (stats.nlink > 1) {
      const first = firstNames.get(stats.ino) ?? path;
      firstNames.set(stats.ino, first);
      entry.linkedWith = first;
    }
    if (stats.isFile()) Object.assign(entry, { type: 'file', content: await readFile(full, 'utf8') });
    if (stats.isSymbolicLink()) Object.assign(entry, { type: 'link', content: await readlink(full) });
  };
  await visit('');
  return tree;
}
