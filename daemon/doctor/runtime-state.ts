import { readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { failedPrecondition } from '../../base/errors.ts';
import { containerTable, namespaceTable } from '../metadata/schema.ts';
import { directoriesIn, namesIn } from './entries.ts';
import type { Suspect } from './suspect.ts';
import type { World } from './world.ts';

const cgroupRoot = '/sys/fs/cgroup';

/** runc's records of containers, and cgroups, that no task has. */
export async function* examineRuntimeState(world: World): AsyncGenerator<Suspect> {
  const known = await namespaces(world);
  for (const namespace of new Set([...known, ...(await directoriesIn(world.paths.runc))])) {
    const states = (await directoriesIn(join(world.paths.runc, namespace))).filter(
      (id) => !world.tasks.owns(namespace, id),
    );
    for (const id of states) yield stateWithoutTask(world, namespace, id);
    for (const path of await cgroupsOf(namespace)) {
      for (const id of await directoriesIn(path)) {
        if (world.tasks.owns(namespace, id)) continue;
        const isOurs = states.includes(id) || (await isContainer(world, namespace, id));
        // Another daemon of this machine may run containers in a namespace of the same name.
        if (isOurs || (await processesIn(join(path, id))).length === 0) {
          yield cgroupWithoutTask(world, namespace, id, join(path, id));
        }
      }
    }
  }
}

function stateWithoutTask(world: World, namespace: string, id: string): Suspect {
  const path = join(world.paths.runc, namespace, id);
  return {
    kind: 'runtime-state-without-task',
    what: `the runtime knows a container ${namespace}/${id} that is no task`,
    path,
    advice: 'gantry doctor --repair ends and removes it',
    repair: () =>
      whileFree(world, namespace, id, async () => {
        for (const cgroups of await cgroupsOf(namespace)) await removeCgroup(join(cgroups, id));
        await world.sys.removeTree(path);
      }),
  };
}

function cgroupWithoutTask(world: World, namespace: string, id: string, path: string): Suspect {
  return {
    kind: 'cgroup-without-task',
    what: `cgroup of ${namespace}/${id} has no task`,
    path,
    advice: 'gantry doctor --repair ends what runs in it and removes it',
    repair: () => whileFree(world, namespace, id, () => removeCgroup(path)),
  };
}

async function whileFree(world: World, namespace: string, id: string, body: () => Promise<void>): Promise<void> {
  const done = await world.tasks.exclusively(namespace, id, body);
  if (!done) throw failedPrecondition(`${namespace}/${id} is in use again`);
}

async function namespaces(world: World): Promise<string[]> {
  const names: string[] = [];
  for await (const { key } of world.database.list(namespaceTable, [])) names.push(key[0] ?? '');
  return names;
}

async function isContainer(world: World, namespace: string, id: string): Promise<boolean> {
  return (await world.database.get(containerTable, [namespace, id])) !== undefined;
}

/** A namespace's directory in each hierarchy: cgroup v1 mounts one per controller, v2 a single one. */
async function cgroupsOf(namespace: string): Promise<string[]> {
  const hierarchies = [cgroupRoot, ...(await directoriesIn(cgroupRoot)).map((name) => join(cgroupRoot, name))];
  const paths = [...new Set(hierarchies)].map((hierarchy) => join(hierarchy, namespace));
  const names = await Promise.all(paths.map(namesIn));
  return paths.filter((_, index) => names[index]?.includes('cgroup.procs'));
}

/** Process ids in a cgroup and those below it. */
async function processesIn(path: string): Promise<number[]> {
  const own = (await readFile(join(path, 'cgroup.procs'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
  const below = await Promise.all((await directoriesIn(path)).map((name) => processesIn(join(path, name))));
  return [...own.map(Number), ...below.flat()];
}

/** Ends what runs in a cgroup and removes it with those below; until its processes are reaped it stays busy. */
async function removeCgroup(path: string): Promise<void> {
  for (const pid of await processesIn(path)) kill(pid);
  for (const name of await directoriesIn(path)) await removeCgroup(join(path, name));
  const deadline = Date.now() + reapMs;
  for (;;) {
    try {
      return await rmdir(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
}

const reapMs = 2_000;
const pollMs = 20;

function kill(pid: number): void {
  try {
    // 0 stands for a process outside of this pid namespace, and for kill(2) it means ourselves.
    if (pid > 0) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
