import { realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { binding } from './binding.ts';
import { errnoOf, native } from './errno.ts';
import { readMountInfo } from './mountinfo.ts';

export interface UnmountOptions {
  /** Take it out of the tree now and clean up once nobody uses it (MNT_DETACH). */
  readonly detach?: boolean;
  /** Abort requests of a file system that does not answer (MNT_FORCE). */
  readonly force?: boolean;
  /** Do not follow a symbolic link as target (UMOUNT_NOFOLLOW). */
  readonly noFollow?: boolean;
  /** How long to keep trying while the mount is busy; 0, the default, tries once. */
  readonly busyTimeoutMs?: number;
}

const busyPauseMs = 20;

function flagsOf(options: UnmountOptions): number {
  return (options.force ? 1 : 0) | (options.detach ? 2 : 0) | (options.noFollow ? 8 : 0);
}

/** Unmounts the topmost mount at the target: see `Sys.unmount`. */
export async function unmount(target: string, options: UnmountOptions = {}): Promise<void> {
  const api = binding();
  const deadline = performance.now() + (options.busyTimeoutMs ?? 0);
  for (;;) {
    try {
      return await native(() => api.unmount(target, flagsOf(options)));
    } catch (error) {
      if (errnoOf(error) !== 'EBUSY' || performance.now() >= deadline) throw error;
    }
    await delay(busyPauseMs);
  }
}

/** Unmounts whatever is mounted at the target, however many times: see `Sys.unmountAll`. */
export async function unmountAll(target: string, options: UnmountOptions = {}): Promise<void> {
  for (;;) {
    try {
      await unmount(target, options);
    } catch (error) {
      const code = errnoOf(error);
      // EINVAL: no mount point (any more).
      if (code === 'EINVAL' || code === 'ENOENT') return;
      throw error;
    }
  }
}

/** Unmounts everything at and below the target: see `Sys.unmountRecursive`. */
export async function unmountRecursive(target: string, options: UnmountOptions = {}): Promise<void> {
  let top: string;
  try {
    top = await realpath(target);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  const below = top === '/' ? '/' : `${top}/`;
  const targets = (await readMountInfo())
    .map((mount) => mount.target)
    .filter((each) => each === top || each.startsWith(below));
  // What was mounted last may lie upon what was mounted before.
  for (const each of targets.reverse()) {
    try {
      await unmount(each, { ...options, noFollow: true });
    } catch (error) {
      // A mount that went away with its peer, or meanwhile.
      const code = errnoOf(error);
      if (code !== 'EINVAL' && code !== 'ENOENT') throw error;
    }
  }
}
