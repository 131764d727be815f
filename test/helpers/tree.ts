import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What is the same about an entry wherever it was unpacked: names of facts to their values, as they are shown. */
export type TreeEntry = Readonly<Record<string, string>>;

/** Entries by their paths below the root, which is not one of them. Names are shown as Latin-1, so that every byte counts. */
export type Tree = ReadonlyMap<string, TreeEntry>;

const types: Readonly<Record<number, string>> = {
  [constants.S_IFIFO]: 'fifo',
  [constants.S_IFCHR]: 'character device',
  [constants.S_IFDIR]: 'directory',
  [constants.S_IFBLK]: 'block device',
  [constants.S_IFREG]: 'file',
  [constants.S_IFLNK]: 'symbolic link',
  [constants.S_IFSOCK]: 'socket',
};

/** Reads a tree: types, modes, owners, times of modification, contents, targets, devices, hard links and attributes. */
export function readTree(root: string): Tree {
  const tree = new Map<string, Record<string, string>>();
  const firstNames = new Map<bigint, string>();
  const visit = (directory: Buffer, prefix: string) => {
    for (const name of readdirSync(directory, { encoding: 'buffer' }).sort(Buffer.compare)) {
      const path = Buffer.concat([directory, Buffer.from('/'), name]);
      const shown = prefix + name.toString('latin1');
      const entry = readEntry(path, shown, firstNames);
      tree.set(shown, entry);
      if (entry['type'] === 'directory') visit(path, `${shown}/`);
    }
  };
  visit(Buffer.from(root), '');
  for (const [path, name, value] of attributesBelow(root)) {
    const entry = tree.get(path);
    if (entry !== undefined) entry[`attribute ${name}`] = value;
  }
  return tree;
}

function readEntry(path: Buffer, shown: string, firstNames: Map<bigint, string>): Record<string, string> {
  const status = lstatSync(path, { bigint: true });
  const entry: Record<string, string> = {
    type: types[Number(status.mode) & constants.S_IFMT] ?? 'unknown',
    mode: (Number(status.mode) & 0o7777).toString(8),
    owner: `${status.uid}:${status.gid}`,
    modified: `${status.mtimeNs / 1_000_000_000n}.${String(status.mtimeNs % 1_000_000_000n).padStart(9, '0')}`,
  };
  if (status.isFile()) {
    entry['size'] = String(status.size);
    entry['content'] = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
  }
  if (status.isSymbolicLink()) entry['target'] = readlinkSync(path, { encoding: 'latin1' });
  if (status.isBlockDevice() || status.isCharacterDevice()) {
    entry['device'] = `${(status.rdev >> 8n) & 0xfffn}:${(status.rdev & 0xffn) | ((status.rdev >> 12n) & 0xfff00n)}`;
  }
  if (!status.isDirectory() && status.nlink > 1n) {
    const first = firstNames.get(status.ino) ?? shown;
    firstNames.set(status.ino, first);
    // A link from outside the tree, as a store may have one, is none of the tree's.
    if (first !== shown) entry['one file with'] = first;
  }
  return entry;
}

/** Path, name and value, in hexadecimal, of every extended attribute. */
function attributesBelow(root: string): [path: string, name: string, value: string][] {
  const options = ['-R', '-P', '-h', '-d', '-m', '-', '-e', 'hex', '.'];
  const found: [string, string, string][] = [];
  let path = '';
  const text = execFileSync('getfattr', options, { cwd: root, encoding: 'latin1', maxBuffer: 1 << 28 });
  for (const line of text.split('\n')) {
    if (line.startsWith('# file: ')) path = nameFrom(line.slice('# file: '.length));
    else if (line !== '') found.push([path, line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  }
  return found;
}

/** getfattr shows control characters and backslashes of names as octal numbers. */
function nameFrom(name: string): string {
  return name.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** How a tree differs from what it should be, one line for each path that does; none if it does not. */
export function treeDifferences(expected: Tree, actual: Tree): string[] {
  const lines: string[] = [];
  for (const path of [...new Set([...expected.keys(), ...actual.keys()])].sort()) {
    const [wanted, found] = [expected.get(path), actual.get(path)];
    if (wanted === undefined) lines.push(`${path}: should not be there (${found?.['type']})`);
    else if (found === undefined) lines.push(`${path}: is missing (${wanted['type']})`);
    else {
      const facts = entryDifferences(wanted, found);
      if (facts.length > 0) lines.push(`${path}: ${facts.join(', ')}`);
    }
  }
  return lines;
}

function entryDifferences(wanted: TreeEntry, found: TreeEntry): string[] {
  const facts = [...new Set([...Object.keys(wanted), ...Object.keys(found)])];
  return facts
    .filter((fact) => wanted[fact] !== found[fact])
    .map((fact) => `${fact} is ${found[fact] ?? 'none'}, should be ${wanted[fact] ?? 'none'}`);
}
