import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { Mount } from '../snapshotter.ts';

export interface MappingSys {
  mount(request: Mount): Promise<void>;
  unmount(target: string): Promise<void>;
}

/**
 * Whether the kernel can mount overlays below `root` with mapped ids; if not, why not. It depends on the file system as
 * well, so it is tried.
 */
export async function whyNoIdMapping(sys: MappingSys, root: string): Promise<string | undefined> {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  // Earlier kernels mount such overlays and then get the owners wrong.
  if (major < 5 || (major === 5 && minor < 19)) return `kernel ${release()} is older than 5.19`;
  const directory = await mkdtemp(join(root, '.try-'));
  try {
    const [lower = '', upper = '', work = '', target = ''] = await Promise.all(
      ['lower', 'upper', 'work', 'target'].map(async (name) => {
        await mkdir(join(directory, name));
        return join(directory, name);
      }),
    );
    const options = ['uidmap=0:1:1', 'gidmap=0:1:1', `lowerdir=${lower}`, `upperdir=${upper}`, `workdir=${work}`];
    await sys.mount({ type: 'overlay', source: 'overlay', target, options });
    await sys.unmount(target);
    return undefined;
  } catch (error) {
    return messageOf(error);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
