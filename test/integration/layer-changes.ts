import { execFile } from 'node:child_process';
import type { Stats } from 'node:fs';
import {
  chmod,
  chown,
  lchown,
  link,
  lstat,
  mkdir,
  readdir,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0 to `sides` - 1. */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % sides;
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[this.roll(items.length || 1)];
  }
}

/**
 * Does `count` arbitrary things to a tree; what cannot be done to what was picked is passed over.
 * @param options.xattrs false leaves extended attributes alone
 */
export async function changeAtRandom(
  root: string,
  dice: Dice,
  count: number,
  { xattrs = true }: { readonly xattrs?: boolean } = {},
): Promise<void> {
  const possible = xattrs ? [...actions, ...attributeActions] : actions;
  for (let step = 0; step < count; step += 1) {
    const directories = ['', ...(await pathsOf(root, (stats) => stats.isDirectory()))];
    const others = await pathsOf(root, (stats) => !stats.isDirectory());
    const home = join(root, dice.pick(directories) ?? '');
    const fresh = join(home, `n${dice.roll(40)}`);
    const old = join(root, dice.pick(others) ?? 'none');
    const directory = join(root, dice.pick(directories.slice(1)) ?? 'none');
    await possible[dice.roll(possible.length)]?.({ fresh, old, directory, dice }).catch(passOver);
  }
}

interface Choice {
  /** A path for something new, which may be taken. */
  fresh: string;
  /** Something that is no directory. */
  old: string;
  /** Not the root. */
  directory: string;
  dice: Dice;
}

const actions: ((choice: Choice) => Promise<unknown>)[] = [
  ({ fresh, dice }) => writeFile(fresh, 'x'.repeat(dice.roll(5000)), { flag: 'wx' }),
  ({ fresh, dice }) => writeFile(fresh, `text ${dice.roll(1000)}`, { flag: 'wx' }),
  ({ fresh }) => mkdir(fresh),
  ({ fresh }) => mkdir(join(fresh, 'deep', 'er'), { recursive: true }),
  ({ fresh, dice }) => symlink(['../n1', '/etc/passwd', 'missing', '.'][dice.roll(4)] ?? '', fresh),
  ({ fresh, old }) => link(old, fresh),
  ({ fresh }) => run('mkfifo', [fresh]),
  ({ fresh, dice }) => run('mknod', [fresh, 'c', '1', String(3 + dice.roll(300))]),
  async ({ old, dice }) => {
    if ((await lstat(old)).isFile()) await writeFile(old, `changed ${dice.roll(1000)}`);
  },
  ({ old }) => rm(old),
  ({ directory }) => rm(directory, { recursive: true }),
  async ({ directory, dice }) => {
    await rm(directory, { recursive: true });
    await mkdir(directory);
    await writeFile(join(directory, `n${dice.roll(40)}`), 'anew');
  },
  async ({ directory }) => {
    await rm(directory, { recursive: true });
    await writeFile(directory, 'was a directory');
  },
  async ({ old }) => {
    await rm(old);
    await mkdir(old);
  },
  ({ old, fresh }) => rename(old, fresh),
  ({ old, dice }) => lchown(old, dice.roll(3000), dice.roll(3000)),
  ({ directory, dice }) => chown(directory, dice.roll(3000), dice.roll(3000)),
  async ({ old, dice }) => {
    if (!(await lstat(old)).isSymbolicLink()) await chmod(old, [0o600, 0o755, 0o4755, 0o2711][dice.roll(4)] ?? 0);
  },
  ({ directory, dice }) => chmod(directory, [0o700, 0o755, 0o1777][dice.roll(3)] ?? 0),
  async ({ old, dice }) => {
    if ((await lstat(old)).isFile()) await utimes(old, dice.roll(1e9), dice.roll(1e9));
  },
  ({ old, dice }) => run('touch', ['-h', '-d', `@${dice.roll(1e9)}.${dice.roll(1e9)}`, old]),
  async ({ old, dice }) => {
    // A file with a hole, and larger than what is read at once.
    if ((await lstat(old)).isFile()) await truncate(old, 1_500_000 + dice.roll(1000));
  },
  async ({ old, directory, fresh }) => {
    const moved = join(directory, basename(fresh));
    if (await lstat(moved).catch(() => undefined)) return;
    await rename(old, moved);
    await link(moved, fresh);
  },
];

/** cap_net_bind_service, permitted and effective. */
const capability = '0x0100000200040000000000000000000000000000';

const attributeActions: typeof actions = [
  async ({ old, dice }) => {
    if (!(await lstat(old)).isFile()) return;
    await run('setfattr', ['-n', `user.n${dice.roll(3)}`, '-v', `value ${dice.roll(100)}`, old]);
  },
  ({ directory, dice }) => run('setfattr', ['-n', `user.n${dice.roll(3)}`, '-v', '', directory]),
  async ({ old }) => {
    if ((await lstat(old)).isFile()) await run('setfattr', ['-n', 'security.capability', '-v', capability, old]);
  },
];

/** Paths below `root`, in order; no symbolic link is followed. */
async function pathsOf(root: string, wanted: (stats: Stats) => boolean, below = ''): Promise<string[]> {
  const paths: string[] = [];
  for (const name of (await readdir(join(root, below))).sort()) {
    const path = join(below, name);
    const stats = await lstat(join(root, path));
    if (wanted(stats)) paths.push(path);
    if (stats.isDirectory()) paths.push(...(await pathsOf(root, wanted, path)));
  }
  return paths;
}

function passOver(error: unknown): void {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string' && typeof code !== 'number') throw error;
}
