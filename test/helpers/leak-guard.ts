import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, mountsBelow } from './daemon.ts';
import { eventually } from './eventually.ts';
import { descendantsOf, listProcesses } from './processes.ts';

const cgroupRoot = '/sys/fs/cgroup';

/** Every cgroup folder of a namespace, one per hierarchy: cgroup v1 mounts one per controller, v2 a single one. */
export function cgroupsOf(namespace: string): string[] {
  const hierarchies = [cgroupRoot, ...readdirSync(cgroupRoot).map((name) => join(cgroupRoot, name))];
  return hierarchies.map((hierarchy) => join(hierarchy, namespace)).filter((path) => existsSync(path));
}

/** Names in a folder, none if there is no such folder. */
function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

function leftProcesses(daemon: Daemon): string[] {
  const mine = descendantsOf(daemon.reaperPids).filter(({ pid }) => pid !== daemon.pid);
  // One that escaped its parents still names the daemon's paths.
  const escaped = listProcesses().filter(
    ({ pid, command }) =>
      command.includes(daemon.folder) && ![...daemon.reaperPids, daemon.pid, process.pid].includes(pid),
  );
  const unique = new Map([...mine, ...escaped].map((entry) => [entry.pid, entry]));
  return [...unique.values()].map(({ pid, state, command }) => `process ${pid} (${state}) ${command}`);
}

function leftCgroups(namespaces: readonly string[]): string[] {
  return namespaces
    .flatMap(cgroupsOf)
    .flatMap((folder) => readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()))
    .map((entry) => `cgroup ${join(entry.parentPath, entry.name)}`);
}

function leftFiles(daemon: Daemon, namespaces: readonly string[]): string[] {
  const tasks = 'io.containerd.runtime.v2.task';
  const folders = namespaces.flatMap((namespace) => [
    join(daemon.state, tasks, namespace),
    join(daemon.root, tasks, namespace),
    join(daemon.state, 'runc', namespace),
    join('/run/containerd/runc', namespace),
  ]);
  return [...folders, ...daemon.perContainerFolders].flatMap(entriesOf).map((path) => `file ${path}`);
}

/** What containers of these namespaces have left on the machine; empty once all of them are removed. */
export function leftovers(daemon: Daemon, namespaces: readonly string[]): string[] {
  const mounts = mountsBelow(daemon.folder).map((path) => `mount ${path}`);
  return [...leftProcesses(daemon), ...mounts, ...leftCgroups(namespaces), ...leftFiles(daemon, namespaces)];
}

/** Fails, naming it, if anything is left once all containers are removed; what ends by itself gets five seconds. */
export async function expectNothingLeft(daemon: Daemon, namespaces: readonly string[]): Promise<void> {
  await eventually(
    () => {
      const left = leftovers(daemon, namespaces);
      if (left.length > 0) throw new Error(`${daemon.kind} left behind:\n  ${left.join('\n  ')}`);
    },
    { deadlineMs: 5_000 },
  );
}

/**
 * Removes what runc leaves per namespace, which belongs to no container: empty parents of cgroups, and its folder. Call
 * it when the daemon is closed, so that nothing lives in them even after a failed test.
 */
export function removeNamespaceFolders(namespaces: readonly string[]): void {
  for (const namespace of namespaces) {
    for (const folder of cgroupsOf(namespace)) removeCgroups(folder);
    rmSync(join('/run/containerd/runc', namespace), { recursive: true, force: true });
  }
}

/** A cgroup goes by rmdir after its children; its files are the kernel's. */
function removeCgroups(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroups(join(folder, entry.name));
  }
  rmdirSync(folder);
}

/** The text of a cgroup file of a container, whichever cgroup version the machine has. */
export function readCgroupFile(namespace: string, container: string, ...names: readonly string[]): string {
  for (const folder of cgroupsOf(namespace)) {
    for (const name of names) {
      const path = join(folder, container, name);
      if (existsSync(path)) return readFileSync(path, 'utf8').trim();
    }
  }
  throw new Error(`container ${container}: none of ${names.join(', ')} below ${cgroupRoot}/*/${namespace}`);
}
