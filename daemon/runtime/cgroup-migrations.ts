import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { MountInfo, Sys } from '../../native/sys.ts';

/**
 * Takes the wait out of moving a process into a cgroup, which runc does for every container and every exec.
 *
 * Before the first such move the kernel lets all CPUs come to rest (an RCU grace period, 8 ms and more); one that follows
 * within about the same time does not wait again. So a move that changes nothing, of this daemon into the cgroup it is
 * in, is made as soon as it is known that runc will be run: the wait passes while the shim starts and runc loads.
 */
export class CgroupMigrations {
  readonly #sys: Pick<Sys, 'joinCgroup' | 'mountInfo'>;
  readonly #log: Logger;
  #cgroup: Promise<string | undefined> | undefined;
  #joining = false;

  constructor(deps: { sys: Pick<Sys, 'joinCgroup' | 'mountInfo'>; log: Logger }) {
    this.#sys = deps.sys;
    this.#log = deps.log;
  }

  /** Tells of a move to come. Returns at once; where it cannot help, it does nothing. */
  expect(): void {
    if (this.#joining) return;
    this.#joining = true;
    void this.#join().finally(() => {
      this.#joining = false;
    });
  }

  async #join(): Promise<void> {
    this.#cgroup ??= this.#find();
    const cgroup = await this.#cgroup;
    if (cgroup === undefined) return;
    try {
      await this.#sys.joinCgroup(cgroup);
    } catch (error) {
      this.#cgroup = Promise.resolve(undefined);
      this.#log.debug({ error: messageOf(error) }, 'moving processes into cgroups is not sped up');
    }
  }

  async #find(): Promise<string | undefined> {
    try {
      return ownCgroup(await readFile('/proc/self/cgroup', 'utf8'), await this.#sys.mountInfo());
    } catch (error) {
      this.#log.debug({ error: messageOf(error) }, 'cannot find the cgroup of the daemon');
      return undefined;
    }
  }
}

/**
 * A directory of the cgroup this process is in, of whatever hierarchy is mounted; undefined if none is in sight.
 * @param membership `/proc/self/cgroup`, see cgroups(7)
 */
export function ownCgroup(membership: string, mounts: readonly MountInfo[]): string | undefined {
  for (const line of membership.split('\n')) {
    const [, hierarchy, controllers = '', path = ''] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (hierarchy === undefined) continue;
    const mount = mounts.find(({ type, superOptions }) =>
      controllers === '' ? type === 'cgroup2' : type === 'cgroup' && superOptions.includes(lastOf(controllers)),
    );
    if (mount === undefined) continue;
    const below = relative(mount.root, path);
    if (!below.startsWith('..')) return join(mount.target, below);
  }
  return undefined;
}

/** Options name the controllers of a hierarchy one by one, or its name. */
function lastOf(controllers: string): string {
  return controllers.split(',').at(-1) ?? controllers;
}
