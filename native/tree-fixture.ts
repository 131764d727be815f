import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';

/**
 * Everything about a tree that unpacking it has to get right, as lines of text: one per path, then one per extended
 * attribute. Names are bytes, shown as Latin-1.
 */
export async function describeTree(root: string): Promise<string[]> {
  const lines: string[] = [];
  const firstNames = new Map<bigint, string>();
  const visit = async (directory: Buffer, prefix: string): Promise<void> => {
    const names = (await readdir(directory, { encoding: 'buffer' })).sort(Buffer.compare);
    for (const name of names) {
      const path = Buffer.concat([directory, Buffer.from('/'), name]);
      const shown = prefix + name.toString('latin1');
      lines.push(await describeEntry(path, shown, firstNames));
      if ((await lstat(path)).isDirectory()) await visit(path, `${shown}/`);
    }
  };
  await visit(Buffer.from(root), '');
  return [...lines, ...attributesBelow(root)];
}

async function describeEntry(path: Buffer, shown: string, firstNames: Map<bigint, string>): Promise<string> {
  const status = await lstat(path, { bigint: true });
  const parts = [shown, status.mode.toString(8), `${status.uid}:${status.gid}`, `mtime=${status.mtimeNs}`];
  if (status.isFile())
    parts.push(
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex')
        .slice(0, 16),
    );
  if (status.isSymbolicLink()) parts.push(`-> ${await readlink(path, 'latin1')}`);
  if (status.isBlockDevice() || status.isCharacterDevice()) parts.push(`device=${status.rdev}`);
  if (!status.isDirectory() && status.nlink > 1n) {
    const first = firstNames.get(status.ino) ?? shown;
    firstNames.set(status.ino, first);
    parts.push(`linked=${first}`);
  }
  return parts.join(' ');
}

/** `path: name=0x…` for every extended attribute below `root`, sorted. */
function attributesBelow(root: string): string[] {
  const options = ['-R', '-P', '-h', '-d', '-m', '-', '-e', 'hex', '.'];
  const lines: string[] = [];
  let file = '';
  for (const line of execFileSync('getfattr', options, { cwd: root, encoding: 'latin1' }).split('\n')) {
    if (line.startsWith('# file: ')) file = line.slice('# file: '.length);
    else if (line !== '') lines.push(`${file}: ${line}`);
  }
  return lines.sort();
}

/** The extended attributes of one path itself, as `name=0x…`. */
export function attributesOf(path: string): string[] {
  const options = ['-h', '-d', '-m', '-', '-e', 'hex', '--absolute-names', path];
  const lines = execFileSync('getfattr', options, { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('# file: ')).sort();
}
