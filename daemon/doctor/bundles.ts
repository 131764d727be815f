import { join } from 'node:path';
import { failedPrecondition, notFound } from '../../base/errors.ts';
import { containerTable } from '../metadata/schema.ts';
import { taskDirectory } from '../runtime/bundle.ts';
import { readContainerRecord } from '../runtime/container-record.ts';
import type { Task } from '../runtime/task.ts';
import { directoriesIn } from './entries.ts';
import type { Suspect } from './suspect.ts';
import type { World } from './world.ts';

/** Bundles without a task, tasks without a container, and what is left of bundles that are gone. */
export async function* examineBundles(world: World): AsyncGenerator<Suspect> {
  for (const bundle of await world.bundles.list()) {
    if (world.tasks.owns(bundle.namespace, bundle.id)) continue;
    yield {
      kind: 'bundle-without-task',
      what: `bundle of ${bundle.namespace}/${bundle.id} has no task`,
      path: bundle.path,
      advice: 'gantry doctor --repair gives its task back if its shim lives, else takes it away',
      measured: true,
      repair: () => world.tasks.recoverBundle(bundle),
    };
  }
  for (const task of world.tasks.all()) {
    const container = await world.database.get(containerTable, [task.namespace, task.id]);
    if (container === undefined) yield withoutContainer(world, task);
  }
  yield* remainsIn(world, join(world.paths.state, taskDirectory), 'bundle-remains');
  yield* remainsIn(world, join(world.paths.root, taskDirectory), 'work-directory-without-bundle');
}

function withoutContainer(world: World, task: Task): Suspect {
  const { namespace, id } = task;
  return {
    kind: 'task-without-container',
    what: `task ${namespace}/${id} has no container`,
    path: task.bundle.path,
    advice: 'kill and delete the task, or let gantry doctor --repair give its container back',
    repair: async () => {
      const container = await readContainerRecord(task.bundle.path);
      if (container?.id !== id) throw notFound(`record of container ${id} in its bundle`);
      await world.database.update(async (tx) => {
        if (!(await tx.has(containerTable, [namespace, id]))) tx.put(containerTable, [namespace, id], container);
      });
    },
  };
}

/** Removals that a crash or a failure has interrupted, and work directories whose bundle is gone. */
async function* remainsIn(
  world: World,
  directory: string,
  kind: 'bundle-remains' | 'work-directory-without-bundle',
): AsyncGenerator<Suspect> {
  for (const namespace of await directoriesIn(directory)) {
    const bundles = new Set(await directoriesIn(join(world.paths.state, taskDirectory, namespace)));
    for (const name of await directoriesIn(join(directory, namespace))) {
      const id = name.replace(/^\./, '');
      if ((!name.startsWith('.') && bundles.has(name)) || world.tasks.owns(namespace, id)) continue;
      yield {
        kind,
        what: `${name} of namespace ${namespace} belongs to no bundle`,
        path: join(directory, namespace, name),
        advice: 'gantry prune removes it',
        measured: true,
        repair: () => removeRemains(world, { namespace, id, path: join(directory, namespace, name) }),
      };
    }
  }
}

async function removeRemains(world: World, remains: { namespace: string; id: string; path: string }): Promise<void> {
  const { namespace, id, path } = remains;
  const done = await world.tasks.exclusively(namespace, id, () => world.sys.removeTree(path));
  if (!done) throw failedPrecondition(`${namespace}/${id} is in use again`);
}
