import { rmdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { failedPrecondition } from '../../base/errors.ts';
import { taskDirectory } from '../runtime/bundle.ts';
import type { Suspect } from './suspect.ts';
import type { World } from './world.ts';

/** A process that looks in for a moment must not keep a mount. */
const busyTimeoutMs = 5_000;

/**
 * Mounts where only the daemon and its shims mount, that none of them has. What an administrator mounts to hold the root,
 * the state or one of the stores lies above these directories.
 */
export async function* examineMounts(world: World): AsyncGenerator<Suspect> {
  const bundles = join(world.paths.state, taskDirectory);
  const temporary = join(world.paths.state, 'mounts');
  for (const { target } of await world.sys.mountInfo()) {
    const [namespace, id] = partsBelow(bundles, target);
    if (namespace !== undefined && id !== undefined) {
      if (!world.tasks.owns(namespace, id.replace(/^\./, ''))) yield inBundle(world, namespace, id, target);
    } else if (isBelow(temporary, target) ? !world.isTemporaryMount(target) : isInLayers(world, target)) {
      yield suspectMount(world, target, () => unmountTemporary(world, target, temporary));
    }
  }
}

function inBundle(world: World, namespace: string, id: string, target: string): Suspect {
  return suspectMount(world, target, async () => {
    const done = await world.tasks.exclusively(namespace, id.replace(/^\./, ''), () => unmount(world, target));
    if (!done) throw failedPrecondition(`${namespace}/${id} is in use again`);
  });
}

function suspectMount(_world: World, target: string, repair: () => Promise<void>): Suspect {
  return {
    kind: 'mount-without-owner',
    what: `nobody owns the mount at ${target}`,
    path: target,
    advice: 'gantry doctor --repair unmounts it',
    repair,
  };
}

async function unmountTemporary(world: World, target: string, temporary: string): Promise<void> {
  if (world.isTemporaryMount(target)) throw failedPrecondition(`mount ${target} is in use again`);
  await unmount(world, target);
  if (dirname(target) === temporary) await rmdir(target);
}

async function unmount(world: World, target: string): Promise<void> {
  await world.sys.unmountRecursive(target, { noFollow: true, busyTimeoutMs });
}

function isInLayers(world: World, path: string): boolean {
  return Object.values(world.paths.layers).some((directory) => isBelow(directory, path));
}

function partsBelow(directory: string, path: string): string[] {
  return isBelow(directory, path) ? relative(directory, path).split(sep) : [];
}

function isBelow(directory: string, path: string): boolean {
  return path.startsWith(`${directory}/`);
}
