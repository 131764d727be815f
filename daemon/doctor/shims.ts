import { readdir, readFile, readlink } from 'node:fs/promises';
import { socketPath } from '../runtime/shim-connection.ts';
import type { Suspect } from './suspect.ts';
import type { World } from './world.ts';

/** A shim of this daemon, as its command line tells. */
export interface ShimProcess {
  readonly pid: number;
  readonly namespace: string;
  /** The container it was started for; it may serve more of its group. */
  readonly id: string;
  readonly startTicks: bigint;
}

/** Shims of this daemon that serve no socket of a task, and so can be reached by nobody. */
export async function* examineShims(world: World): AsyncGenerator<Suspect> {
  const shims = await shimProcesses(world);
  if (shims.length === 0) return;
  const inodes = await inodesOfTasks(world);
  for (const shim of shims) {
    if (world.tasks.owns(shim.namespace, shim.id)) continue;
    const sockets = await socketInodesOf(shim.pid);
    if (sockets === undefined || sockets.some((inode) => inodes.has(inode))) continue;
    yield {
      kind: 'shim-without-task',
      what: `shim ${shim.pid} of ${shim.namespace}/${shim.id} serves no task`,
      path: `/proc/${shim.pid}`,
      advice: 'gantry doctor --repair ends it and its container',
      repair: () => endShim(world, shim),
    };
  }
}

async function endShim(world: World, shim: ShimProcess): Promise<void> {
  await world.tasks.exclusively(shim.namespace, shim.id, async () => {
    // A process that has taken the number meanwhile was started later.
    const ticks = await world.sys.processStartTicks(shim.pid).catch(() => undefined);
    if (ticks === shim.startTicks) process.kill(shim.pid, 'SIGKILL');
  });
}

/** The running shims that were told this daemon's address. */
async function shimProcesses(world: World): Promise<ShimProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => shimProcess(world, pid)));
  return found.filter((shim) => shim !== undefined);
}

async function shimProcess(world: World, pid: number): Promise<ShimProcess | undefined> {
  const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  if (!/(^|\/)containerd-shim-[^/]*$/.test(args[0] ?? '') || argOf(args, 'address') !== world.paths.address) {
    return undefined;
  }
  // `start` and `delete` are commands of the daemon's own, which it waits for.
  if (args.includes('start') || args.includes('delete')) return undefined;
  const startTicks = await world.sys.processStartTicks(pid).catch(() => undefined);
  const namespace = argOf(args, 'namespace');
  const id = argOf(args, 'id');
  if (startTicks === undefined || namespace === undefined || id === undefined) return undefined;
  return { pid, namespace, id, startTicks };
}

function argOf(args: readonly string[], flag: string): string | undefined {
  const at = args.findIndex((arg) => arg === `-${flag}` || arg === `--${flag}`);
  return at < 0 ? undefined : args[at + 1];
}

/** Inodes of the listening sockets at which tasks are reached. */
async function inodesOfTasks(world: World): Promise<Set<string>> {
  const paths = new Set(world.tasks.all().map(({ bootstrap }) => socketPath(bootstrap.address)));
  const inodes = new Set<string>();
  for (const line of (await readFile('/proc/net/unix', 'utf8')).split('\n')) {
    const fields = line.trim().split(/\s+/);
    const path = fields.slice(7).join(' ');
    // An abstract name is shown with an @ and written with a zero byte.
    if (paths.has(path) || paths.has(path.replace(/^@/, '\0'))) inodes.add(fields[6] ?? '');
  }
  return inodes;
}

/** Undefined for a process that has ended, or is ending and has closed its files. */
async function socketInodesOf(pid: number): Promise<string[] | undefined> {
  try {
    const links = (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''));
    if (links.length === 0) return undefined;
    return (await Promise.all(links)).flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
  } catch {
    return undefined;
  }
}
