import { chmod, chown, mkdir, readdir, rename, rmdir, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { alreadyExists, messageOf, wrap } from '../../base/errors.ts';
import { validateIdentifier } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import { withUndo } from '../../base/undo.ts';
import type { Sys } from '../../native/sys.ts';
import { containerRecordName } from './container-record.ts';
import { groupOfMappedRoot } from './user-namespace.ts';

/** The directory under both root and state that holds bundles and work directories, by namespace and id. */
export const taskDirectory = 'io.containerd.runtime.v2.task';

/** The same for the bundles of sandboxes. */
export const sandboxDirectory = 'io.containerd.sandbox.controller.v1.shim';

/** What bundles need of the kernel. */
type BundleSys = Pick<Sys, 'makeFifo' | 'unmountAll' | 'removeTree'>;

/** Where one task's files are. */
export interface Bundle {
  readonly namespace: string;
  readonly id: string;
  /** `<state>/…/<namespace>/<id>`: what the shim and runc work in; gone after a reboot. */
  readonly path: string;
  /** `<root>/…/<namespace>/<id>`: room for the shim that outlives a reboot, reached as `work` in the bundle. */
  readonly workPath: string;
}

/** What a new bundle holds from the start. */
export interface BundleContent {
  /** The OCI runtime spec as JSON. */
  readonly spec: Uint8Array;
  /** The shim's executable, so that after a restart the same one cleans up. */
  readonly shimPath: string;
  /** The container's own record, encoded, for a daemon that has lost its database. */
  readonly record?: Uint8Array | undefined;
}

/** The bundles on disk. */
export class Bundles {
  readonly #sys: BundleSys;
  readonly #log: Logger;
  readonly #stateDirectory: string;
  readonly #rootDirectory: string;
  /** Files being deleted, by bundle path. */
  readonly #removals = new Map<string, Promise<void>>();

  constructor(
    deps: { sys: BundleSys; log: Logger },
    options: {
      /** The daemon's state directory. */
      state: string;
      /** The daemon's root directory. */
      root: string;
    },
    /** Name of the directory beneath both. */
    directory: string = taskDirectory,
  ) {
    this.#sys = deps.sys;
    this.#log = deps.log;
    this.#stateDirectory = join(options.state, directory);
    this.#rootDirectory = join(options.root, directory);
  }

  /** Makes the two parent directories. */
  async prepare(): Promise<void> {
    for (const path of [this.#stateDirectory, this.#rootDirectory]) await makeParents(path);
  }

  /** The paths of a bundle, whether it exists or not. The names have to be valid identifiers. */
  locate(namespace: string, id: string): Bundle {
    return {
      namespace,
      id,
      path: join(this.#stateDirectory, namespace, id),
      workPath: join(this.#rootDirectory, namespace, id),
    };
  }

  /**
   * Writes a new bundle; nothing is left of it on failure.
   * @throws GantryError invalid-argument for a bad id, already-exists if there is a bundle of that id
   */
  async create(namespace: string, id: string, content: BundleContent): Promise<Bundle> {
    try {
      validateIdentifier(id);
    } catch (error) {
      throw wrap(error, `invalid task id ${id}`);
    }
    const bundle = this.locate(namespace, id);
    await this.#removals.get(bundle.path);
    await this.#makeBundleDirectory(bundle);
    return withUndo(async (undo) => {
      undo.push(`remove ${bundle.path}`, () => this.remove(bundle));
      await allDone([
        giveToMappedGroup(bundle.path, content.spec),
        makeDirectory(join(bundle.path, 'rootfs'), 0o711),
        this.#makeWorkDirectory(bundle),
        symlink(bundle.workPath, join(bundle.path, 'work')),
        this.#sys.makeFifo(join(bundle.path, 'log'), 0o700),
        writeFile(join(bundle.path, 'config.json'), content.spec, { mode: 0o600 }),
        writeFile(join(bundle.path, 'shim-binary-path'), content.shimPath, { mode: 0o600 }),
        content.record && writeFile(join(bundle.path, containerRecordName), content.record, { mode: 0o600 }),
      ]);
      return bundle;
    });
  }

  /**
   * Unmounts the rootfs and takes the bundle out of sight; one that is gone already is no error. Its files are deleted
   * after this returns, as that may wait for a busy disk: `settled` tells when.
   */
  async remove(bundle: Bundle): Promise<void> {
    await this.#removals.get(bundle.path);
    await this.#removeMountPoint(join(bundle.path, 'rootfs'));
    const hidden = await this.#hide(bundle.path);
    const removal = allDone([this.#sys.removeTree(hidden), this.#removeWork(bundle.workPath)])
      .catch((error: unknown) => {
        const { namespace, id } = bundle;
        this.#log.error({ namespace, id, error: messageOf(error) }, 'cannot delete the files of a bundle');
      })
      .finally(() => this.#removals.delete(bundle.path));
    this.#removals.set(bundle.path, removal);
  }

  /** Resolves when no files of removed bundles are left to delete. */
  async settled(): Promise<void> {
    await Promise.all(this.#removals.values());
  }

  /** Whether files of a removed bundle are still being deleted. */
  isRemoving(bundle: Bundle): boolean {
    return this.#removals.has(bundle.path);
  }

  /** Every bundle there is; hidden names are removals that a crash interrupted. */
  async list(): Promise<Bundle[]> {
    const bundles: Bundle[] = [];
    for (const namespace of await directoriesIn(this.#stateDirectory)) {
      for (const id of await directoriesIn(join(this.#stateDirectory, namespace))) {
        if (!id.startsWith('.')) bundles.push(this.locate(namespace, id));
      }
    }
    return bundles;
  }

  /**
   * Removes what belongs to no bundle: interrupted removals and, after a reboot has emptied the state directory, work
   * directories.
   */
  async removeStale(): Promise<void> {
    const kept = new Set((await this.list()).map((bundle) => bundle.workPath));
    for (const directory of [this.#stateDirectory, this.#rootDirectory]) {
      for (const namespace of await directoriesIn(directory)) {
        for (const id of await directoriesIn(join(directory, namespace))) {
          const isWork = directory === this.#rootDirectory;
          const path = join(directory, namespace, id);
          if (!id.startsWith('.') && (!isWork || kept.has(path))) continue;
          if (!isWork) await this.#removeMountPoint(join(path, 'rootfs'));
          await this.#sys.removeTree(path);
        }
      }
    }
  }

  async #makeBundleDirectory(bundle: Bundle): Promise<void> {
    try {
      await mkdir(bundle.path, { mode: 0o700 });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') throw alreadyExists(`bundle ${bundle.path} exists`);
      if (code !== 'ENOENT') throw error;
      await makeParents(dirname(bundle.path));
      await this.#makeBundleDirectory(bundle);
    }
  }

  /** A work directory of the same id is left from before a reboot: its task is gone. */
  async #makeWorkDirectory(bundle: Bundle): Promise<void> {
    try {
      await makeDirectory(bundle.workPath, 0o711);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') await makeParents(dirname(bundle.workPath));
      else if (code === 'EEXIST') await this.#sys.removeTree(bundle.workPath);
      else throw error;
      await makeDirectory(bundle.workPath, 0o711);
    }
  }

  /**
   * Removing the mount point by itself proves that nothing is mounted there: the recursive removal that follows must
   * never reach into a container's files.
   */
  async #removeMountPoint(path: string): Promise<void> {
    try {
      await rmdir(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return;
      if (code !== 'EBUSY') throw wrap(error, 'failed to remove bundle rootfs');
      await this.#sys.unmountAll(path, { detach: true, noFollow: true });
      await rmdir(path);
    }
  }

  async #removeWork(path: string): Promise<void> {
    await this.#sys.removeTree(await this.#hide(path));
  }

  /** Renames to a hidden name, so that a half-removed directory is never taken for a task. @returns that name */
  async #hide(path: string): Promise<string> {
    const hidden = join(dirname(path), `.${basename(path)}`);
    try {
      await rename(path, hidden);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return hidden;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
      // An earlier removal was interrupted here.
      await this.#sys.removeTree(hidden);
      await rename(path, hidden);
    }
    return hidden;
  }
}

/** A directory with exactly that mode, whatever the umask. */
async function makeDirectory(path: string, mode: number): Promise<void> {
  await mkdir(path, { mode });
  await chmod(path, mode);
}

/** A parent directory of bundles and those above it that are missing: others may pass through, never list. */
async function makeParents(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o711 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await chmod(made, 0o711);
}

/** With a user namespace the container's root has to pass through the bundle to its rootfs. */
async function giveToMappedGroup(path: string, spec: Uint8Array): Promise<void> {
  const gid = groupOfMappedRoot(spec);
  if (gid === 0) return;
  await chown(path, -1, gid);
  await chmod(path, 0o710);
}

async function directoriesIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Unlike Promise.all, nothing is still running when this throws the first failure. */
async function allDone(work: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'rejected') throw result.reason;
  }
}
