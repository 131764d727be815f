import { readdir, readlink } from 'node:fs/promises';

/** Process ids by working directory. */
export type ProcessesByDirectory = ReadonlyMap<string, readonly number[]>;

/** The working directories of all processes of this machine that can be seen. */
export async function processesByDirectory(): Promise<ProcessesByDirectory> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const byDirectory = new Map<string, number[]>();
  for (const { pid, directory } of await Promise.all(
    pids.map(async (pid) => ({ pid, directory: await workingDirectoryOf(pid) })),
  )) {
    if (directory !== undefined) byDirectory.set(directory, [...(byDirectory.get(directory) ?? []), pid]);
  }
  return byDirectory;
}

/**
 * The last resort for a shim that nobody can talk to: kills every process that works in its bundle. A shim keeps the
 * bundle as its working directory, which, unlike a remembered process id, cannot have become somebody else's.
 * @param processes a list made before, for callers with many directories; processes are looked at again before the kill
 * @returns how many were killed
 */
export async function killProcessesIn(directory: string, processes?: ProcessesByDirectory): Promise<number> {
  const found = (processes ?? (await processesByDirectory())).get(directory) ?? [];
  let killed = 0;
  for (const pid of found) {
    if (pid === process.pid || (await workingDirectoryOf(pid)) !== directory) continue;
    try {
      process.kill(pid, 'SIGKILL');
      killed++;
    } catch {
      // It has ended meanwhile.
    }
  }
  return killed;
}

async function workingDirectoryOf(pid: number): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
