import { rm, writeFile } from 'node:fs/promises';
import { execa } from 'execa';

/** A file of this machine, by its path without the leading slash. */
export interface MachineFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** Everything below folders of this machine, in an order that does not change: directories before what is in them. */
export async function machineFiles(...folders: readonly string[]): Promise<MachineFile[]> {
  const { stdout } = await execa('find', [...folders, '-xdev', '-printf', '%s %y %P\\t%H\\n'], { cwd: '/' });
  return stdout
    .split('\n')
    .map((line) => /^(\d+) (.) ([^\t]*)\t(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, size, type, below, folder]) => ({
      path: below === '' ? `${folder}` : `${folder}/${below}`,
      sizeBytes: type === 'f' ? Number(size) : 0,
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Files that go below one folder of a layer. */
export interface Portion {
  readonly folder: string;
  readonly files: readonly MachineFile[];
}

/** Cuts files into shares of about a size; when they run out, they come once more, below another folder. */
export function shares(files: readonly MachineFile[], count: number, shareBytes: number): Portion[][] {
  let at = 0;
  let turn = 0;
  return Array.from({ length: count }, () => {
    const share: Portion[] = [];
    for (let left = shareBytes; left > 0; ) {
      const end = endOf(files, at, left);
      const portion = files.slice(at, end);
      share.push({ folder: `turn-${turn}`, files: portion });
      left -= portion.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      [at, turn] = end === files.length ? [0, turn + 1] : [end, turn];
    }
    return share;
  });
}

/** Where to stop to have that many bytes, or at the end. */
function endOf(files: readonly MachineFile[], start: number, bytes: number): number {
  let end = start;
  for (let left = bytes; left > 0 && end < files.length; end += 1) left -= files[end]?.sizeBytes ?? 0;
  return end;
}

/** Packs a share as a layer, an uncompressed tar file. */
export async function packShare(path: string, share: readonly Portion[]): Promise<void> {
  const list = `${path}.list`;
  for (const [index, { folder, files }] of share.entries()) {
    await writeFile(list, files.map((file) => `${file.path}\0`).join(''));
    const how = ['--format=pax', '--xattrs', '--no-recursion', `--transform=flags=rhS;s,^,${folder}/,`];
    await execa('tar', [index === 0 ? '-cf' : '-rf', path, '-C', '/', ...how, '--null', '-T', list]);
  }
  await rm(list);
}
