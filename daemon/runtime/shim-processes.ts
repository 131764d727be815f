import { readdir, readlink } from 'node:fs/promises';

/**
 * The last resort for a shim that nobody can talk to: kills every process that works in its bundle. A shim keeps the
 * bundle as its working directory, which, unlike a remembered process id, cannot have become somebody else's.
 * @returns how many were killed
 */
export async function killProcessesIn(directory: string): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const working = await Promise.all(pids.map(async (pid) => (await workingDirectoryOf(pid)) === directory));
  const found = pids.filter((pid, index) => working[index] && pid !== process.pid);
  for (const pid of found) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
  return found.length;
}

async function workingDirectoryOf(pid: number): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
