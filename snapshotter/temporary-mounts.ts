import { chmod, mkdir, mkdtemp, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError, invalidArgument, wrap } from '../base/errors.ts';
import { UndoStack } from '../base/undo.ts';
import type { Mount } from './snapshotter.ts';

/** What mounting for a while needs of the kernel. */
export interface Mounter {
  mountAll(mounts: readonly Mount[], root: string): Promise<void>;
  unmountRecursive(target: string, options: { readonly busyTimeoutMs: number }): Promise<void>;
}

/** A process that looked in for a moment, an indexer or a monitor, must not make the work fail. */
const busyTimeoutMs = 5_000;

/** Mounts snapshots for as long as something is done with them, each on a directory of its own that nobody else can enter. */
export class TemporaryMounts {
  readonly #sys: Mounter;
  readonly #directory: string;
  readonly #roots = new Set<string>();

  private constructor(sys: Mounter, directory: string) {
    this.#sys = sys;
    this.#directory = directory;
  }

  /** Makes the directory if it is missing and unmounts what an earlier process has left in it. */
  static async open(
    deps: { readonly sys: Mounter },
    options: { readonly directory: string },
  ): Promise<TemporaryMounts> {
    const { sys } = deps;
    const { directory } = options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700);
    for (const name of await readdir(directory)) {
      await sys.unmountRecursive(join(directory, name), { busyTimeoutMs });
      await rmdir(join(directory, name));
    }
    return new TemporaryMounts(sys, directory);
  }

  /** Whether a path is where something is mounted just now, or below. */
  isUsing(path: string): boolean {
    return this.#roots.has(path) || [...this.#roots].some((root) => path.startsWith(`${root}/`));
  }

  /**
   * Mounts, runs `body` with the directory, and unmounts whatever has happened. What cannot be unmounted is an error even
   * if `body` succeeded.
   */
  async with<T>(mounts: readonly Mount[], body: (root: string) => Promise<T>): Promise<T> {
    if (mounts.length === 0) throw invalidArgument('no mounts are given');
    const root = await mkdtemp(join(this.#directory, 'mount-'));
    this.#roots.add(root);
    const undo = new UndoStack();
    undo.push(`forget ${root}`, async () => void this.#roots.delete(root));
    undo.push(`remove ${root}`, () => rmdir(root));
    try {
      undo.push(`unmount ${root}`, () => this.#sys.unmountRecursive(root, { busyTimeoutMs }));
      await this.#sys.mountAll(mounts.map(mountedAgain), root).catch((error) => {
        throw wrap(error, `failed to mount ${root}`);
      });
      const result = await body(root);
      const done = new GantryError('internal', `mount point ${root} is left behind`);
      const outcome = await undo.run(done);
      if (outcome !== done) throw outcome;
      return result;
    } catch (error) {
      throw await undo.run(error);
    }
  }
}

/** The same mounts, none of them writable. */
export function readOnlyMounts(mounts: readonly Mount[]): Mount[] {
  return mounts.map((mount) => {
    const options = mount.options.filter((option) => option !== 'rw' && option !== 'ro');
    if (mount.type === 'overlay') return readOnlyOverlay({ ...mount, options });
    return { ...mount, options: [...options, 'ro'] };
  });
}

/** The upper directory becomes one more lower one: the kernel would write to it even for a read-only mount. */
function readOnlyOverlay(mount: Mount): Mount {
  const upper = mount.options.find((option) => option.startsWith('upperdir='))?.slice('upperdir='.length);
  const options = mount.options.filter((option) => !/^(upperdir|workdir)=/.test(option));
  if (upper === undefined) return { ...mount, options: [...options, 'ro'] };
  if (!options.some((option) => option.startsWith('lowerdir='))) {
    return { type: 'bind', source: upper, target: mount.target, options: ['ro', 'rbind'] };
  }
  return {
    ...mount,
    options: [...options.map((option) => option.replace(/^lowerdir=/, (start) => `${start}${upper}:`)), 'ro'],
  };
}

/** A volatile overlay refuses to be mounted a second time on the same work directory. */
function mountedAgain(mount: Mount): Mount {
  if (mount.type !== 'overlay') return mount;
  return { ...mount, options: mount.options.filter((option) => option !== 'volatile' && option !== 'fsync=volatile') };
}
