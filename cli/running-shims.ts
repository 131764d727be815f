import { readdir, readFile } from 'node:fs/promises';

/** A shim, as its command line tells. */
export interface RunningShim {
  readonly pid: number;
  readonly namespace: string;
  readonly id: string;
}

/** The shims of the daemon at a socket, found without asking it. */
export async function runningShims(address: string): Promise<RunningShim[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const shims = await Promise.all(
    pids.map(async (pid) => {
      const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      const argOf = (flag: string) => args[args.indexOf(flag) + 1] ?? '';
      const isShim = /(^|\/)containerd-shim-[^/]*$/.test(args[0] ?? '') && argOf('-address') === address;
      return isShim ? [{ pid, namespace: argOf('-namespace'), id: argOf('-id') }] : [];
    }),
  );
  return shims.flat();
}
