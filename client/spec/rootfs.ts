import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isKind } from '../../base/errors.ts';
import { sys } from '../../native/sys.ts';
import type { Messages } from '../../proto/codec.ts';
import type { ReadRootfs } from './user.ts';

/** Account files are small; a larger one is an attack on the reader's memory. */
const accountFileMaxBytes = 1024 * 1024;

type Mount = Messages['containerd.types.Mount'];

/**
 * Mounts a snapshot read-only in a place of its own for as long as `body` runs, which reads files of at most 1 MiB in it.
 * Nothing in the snapshot is trusted: symbolic links stay inside, and only regular files are read.
 */
export async function withRootfs<T>(mounts: readonly Mount[], body: (read: ReadRootfs) => Promise<T>): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'gantry-rootfs-'));
  try {
    await sys.mountAll(mounts.map(readOnly), root);
    try {
      return await body((path) => readAccountFile(root, path));
    } finally {
      await sys.unmountAll(root, { detach: true });
    }
  } finally {
    await rmdir(root);
  }
}

async function readAccountFile(root: string, path: string): Promise<string | undefined> {
  try {
    return (await sys.readFileInRoot(root, path, accountFileMaxBytes)).toString('utf8');
  } catch (error) {
    if (isKind(error, 'not-found')) return undefined;
    throw error;
  }
}

/** Read-only, and for overlay without an upper directory, which must not be mounted twice. */
export function readOnly(mount: Mount): Mount {
  if (mount.type !== 'overlay') {
    return { ...mount, options: [...mount.options.filter((option) => option !== 'rw'), 'ro'] };
  }
  const upper = mount.options.find((option) => option.startsWith('upperdir='))?.slice('upperdir='.length);
  const options = mount.options
    .filter((option) => !/^(?:upperdir|workdir)=/.test(option))
    .map((option) => (upper !== undefined && option.startsWith('lowerdir=') ? withUpper(option, upper) : option));
  return { ...mount, options };
}

function withUpper(option: string, upper: string): string {
  return `lowerdir=${upper}:${option.slice('lowerdir='.length)}`;
}
