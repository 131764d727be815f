import { readdirSync, readFileSync } from 'node:fs';

/** A process as /proc shows it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  /** One letter: R, S, D, Z, … */
  readonly state: string;
  readonly command: string;
}

function readProcess(pid: number): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may itself hold brackets and spaces.
    const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const name = stat.slice(stat.indexOf('('), stat.lastIndexOf(')') + 1);
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return {
      pid,
      parentPid: Number(afterName[1]),
      state: afterName[0] ?? '?',
      command: commandLine === '' ? name : commandLine,
    };
  } catch {
    return undefined; // gone meanwhile
  }
}

/** Every process of the machine. */
export function listProcesses(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((entry) => entry !== undefined);
}

/** All descendants of the given processes, not counting these themselves. */
export function descendantsOf(ancestors: readonly number[]): ProcessEntry[] {
  const all = listProcesses();
  const inside = new Set(ancestors);
  for (let size = -1; size !== inside.size; ) {
    size = inside.size;
    for (const { pid, parentPid } of all) if (inside.has(parentPid)) inside.add(pid);
  }
  return all.filter(({ pid }) => inside.has(pid) && !ancestors.includes(pid));
}

/** True while a process with that id runs. A zombie has ended: where PID 1 does not reap, it stays for ever. */
export function exists(pid: number): boolean {
  const entry = readProcess(pid);
  return entry !== undefined && entry.state !== 'Z';
}

/** A line "Name:  N kB" of /proc/<pid>/smaps_rollup, in bytes. */
export function memoryOf(pid: number, field: 'Rss' | 'Pss'): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  return Number(match?.[1]) * 1024;
}
