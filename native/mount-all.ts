import { realpath } from 'node:fs/promises';
import { posix } from 'node:path';
import { failedPrecondition } from '../base/errors.ts';
import { type Mount, mount } from './mount.ts';
import { unmount } from './unmount.ts';

/** Makes all of the mounts or none: see `Sys.mountAll`. */
export async function mountAll(mounts: readonly Mount[], root: string): Promise<void> {
  const done: string[] = [];
  try {
    for (const request of mounts) {
      const target = await targetBelow(root, request.target);
      await mount({ ...request, target });
      done.push(target);
    }
  } catch (error) {
    // The first failure is what the caller has to hear of; what cannot be undone stays visible in mountinfo.
    for (const target of done.reverse()) await unmount(target, { detach: true }).catch(() => {});
    throw error;
  }
}

/** Mounts already made may hold symbolic links that lead elsewhere. */
async function targetBelow(root: string, target: string): Promise<string> {
  if (target === '') return root;
  const top = await realpath(root);
  const path = await realpath(posix.join(top, posix.join('/', target)));
  if (path !== top && !path.startsWith(`${top}/`)) {
    throw failedPrecondition(`mount target ${target} leads out of ${root}`);
  }
  return path;
}
