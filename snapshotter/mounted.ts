import { mkdtemp, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError, invalidArgument, wrap } from '../base/errors.ts';
import { UndoStack } from '../base/undo.ts';
import type { Mount } from './snapshotter.ts';

/** What mounting for a while needs of the kernel. */
export interface Mounter {
  mount(request: Mount): Promise<void>;
  unmount(target: string, options: { readonly busyTimeoutMs: number }): Promise<void>;
}

/** A process that looked in for a moment, an indexer or a monitor, must not make the work fail. */
const busyTimeoutMs = 5_000;

/**
 * Mounts a snapshot on a new directory below `parent` while `body` runs. Nothing stays behind, whatever happens; a
 * directory that cannot be unmounted is an error even if `body` succeeded.
 */
export async function withMounts<T>(
  sys: Mounter,
  mounts: readonly Mount[],
  parent: string,
  body: (root: string) => Promise<T>,
): Promise<T> {
  if (mounts.length === 0) throw invalidArgument('no mounts are given');
  const root = await mkdtemp(join(parent, 'mount-'));
  const undo = new UndoStack();
  undo.push(`remove ${root}`, () => rmdir(root));
  try {
    for (const mount of mounts) {
      const target = targetBelow(root, mount.target);
      await sys.mount({ ...mount, target, options: reusable(mount) }).catch((error) => {
        throw wrap(error, `failed to mount ${target}`);
      });
      undo.push(`unmount ${target}`, () => sys.unmount(target, { busyTimeoutMs }));
    }
    const result = await body(root);
    const done = new GantryError('internal', `mount point ${root} is left behind`);
    const outcome = await undo.run(done);
    if (outcome !== done) throw outcome;
    return result;
  } catch (error) {
    throw await undo.run(error);
  }
}

/** The same mounts, none of them writable. */
export function readOnlyMounts(mounts: readonly Mount[]): Mount[] {
  return mounts.map((mount) => {
    const options = mount.options.filter((option) => option !== 'rw' && option !== 'ro');
    if (mount.type !== 'overlay') return { ...mount, options: [...options, 'ro'] };
    return { ...mount, options: readOnlyOverlay(options) };
  });
}

/** The upper directory as one more lower one: the kernel would write to it even for a read-only mount. */
function readOnlyOverlay(options: readonly string[]): string[] {
  const upper = options.find((option) => option.startsWith('upperdir='))?.slice('upperdir='.length);
  if (upper === undefined) return [...options, 'ro'];
  const kept = options.filter((option) => !/^(upperdir|workdir)=/.test(option));
  return [...kept.map((option) => option.replace(/^lowerdir=/, `lowerdir=${upper}:`)), 'ro'];
}

/** A volatile overlay cannot be mounted a second time on the same work directory. */
function reusable({ type, options }: Mount): string[] {
  if (type !== 'overlay') return options;
  return options.filter((option) => option !== 'volatile' && option !== 'fsync=volatile');
}

function targetBelow(root: string, target: string): string {
  if (target === '' || target === '/') return root;
  if (target.split('/').includes('..')) throw invalidArgument(`mount target ${target} leaves the mount point`);
  return join(root, target);
}
