import { constants, lstatSync, lutimesSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';

/** Names are bytes; as text they are Latin-1, in which every byte is a character. */
const bytesOf = (path: string) => Buffer.from(path, 'latin1');

/** A file system as it is made up, step by step, and each step as a layer, by the machine's own tools. */
export class StagedLayers {
  /** The tree after all steps. */
  readonly root: string;
  /** Paths of the layers' tar files, bottom first. */
  readonly layers: string[] = [];
  readonly #folder: string;
  #before = new Map<string, Fingerprint>();

  constructor(folder: string) {
    this.#folder = folder;
    this.root = mkdtempSync(join(folder, 'stage-'));
  }

  /**
   * Changes the tree with a shell script, run in it, and packs what that came to, deletions first, with the options of
   * GNU tar given. Formats that know of whole seconds only get such.
   */
  async step(script: string, options: readonly string[], { wholeSeconds = false } = {}): Promise<void> {
    await execa('sh', ['-euc', script], { cwd: this.root });
    const after = fingerprints(this.root);
    const changed = withFolders(
      [...after.keys()].filter((path) => this.#before.get(path)?.text !== after.get(path)?.text),
    );
    if (wholeSeconds) for (const path of changed) truncateTime(join(this.root, path));
    const layer = join(this.#folder, `layer-${this.layers.length}.tar`);
    const whiteouts = [...this.#deletions(after), ...this.#replacedDirectories(after)];
    await packWhiteouts(layer, whiteouts, options);
    await pack(layer, '-rf', this.root, changed, options);
    this.layers.push(layer);
    this.#before = wholeSeconds ? fingerprints(this.root) : after;
  }

  /** Names that are gone, but for those in directories that are gone too. */
  #deletions(after: ReadonlyMap<string, Fingerprint>): string[] {
    return [...this.#before.keys()]
      .filter((path) => !after.has(path) && (dirname(path) === '.' || after.get(dirname(path))?.isDirectory === true))
      .map((path) => join(dirname(path), `.wh.${basename(path)}`));
  }

  /** Directories in the place of other ones hide what was in those. */
  #replacedDirectories(after: ReadonlyMap<string, Fingerprint>): string[] {
    return [...after.entries()]
      .filter(([path, { isDirectory, inode }]) => {
        const before = this.#before.get(path);
        return isDirectory && before?.isDirectory === true && before.inode !== inode;
      })
      .map(([path]) => join(path, '.wh..wh..opq'));
  }
}

/** With the folders above, as image builders have them: writing into a folder changes its time. */
function withFolders(paths: readonly string[]): string[] {
  const all = new Set<string>();
  for (const path of paths) for (let above = path; above !== '.'; above = dirname(above)) all.add(above);
  return [...all].sort();
}

interface Fingerprint {
  readonly isDirectory: boolean;
  readonly inode: bigint;
  /** Another one after any change. */
  readonly text: string;
}

function fingerprints(root: string): Map<string, Fingerprint> {
  const found = new Map<string, Fingerprint>();
  const visit = (below: string) => {
    for (const name of readdirSync(bytesOf(join(root, below)), 'latin1').sort()) {
      const path = join(below, name);
      const { mode, uid, gid, size, ino, mtimeNs, ctimeNs } = lstatSync(bytesOf(join(root, path)), { bigint: true });
      const isDirectory = (Number(mode) & constants.S_IFMT) === constants.S_IFDIR;
      found.set(path, { isDirectory, inode: ino, text: [mode, uid, gid, size, ino, mtimeNs, ctimeNs].join(' ') });
      if (isDirectory) visit(path);
    }
  };
  visit('');
  return found;
}

function truncateTime(path: string): void {
  const seconds = Number(lstatSync(bytesOf(path), { bigint: true }).mtimeNs / 1_000_000_000n);
  lutimesSync(bytesOf(path), seconds, seconds);
}

async function packWhiteouts(layer: string, whiteouts: readonly string[], options: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(dirname(layer), 'whiteouts-'));
  for (const path of whiteouts) {
    mkdirSync(bytesOf(join(folder, dirname(path))), { recursive: true });
    writeFileSync(bytesOf(join(folder, path)), '');
  }
  await pack(layer, '-cf', folder, whiteouts, options);
  rmSync(folder, { recursive: true });
}

async function pack(
  layer: string,
  how: '-cf' | '-rf',
  from: string,
  paths: readonly string[],
  options: readonly string[],
) {
  const input = bytesOf(paths.map((path) => `${path}\0`).join(''));
  await execa('tar', [how, layer, '-C', from, ...options, '--no-recursion', '--null', '-T', '-'], { input });
}
