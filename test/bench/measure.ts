import { execa } from 'execa';
import { descendantsOf, memoryOf } from '../helpers/processes.ts';
import type { Side } from '../helpers/side.ts';

/** One number of ours beside the peer's, in the same unit. */
export interface Pair {
  readonly ours: number;
  readonly peer: number;
}

/** The two daemons of a run. */
export interface Sides {
  readonly ours: Side;
  readonly peer: Side;
}

/** The middle value: what a typical run takes, whatever else the machine did. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = sorted.slice(sorted.length % 2 === 0 ? middle - 1 : middle, middle + 1);
  return sorted.length % 2 === 0 ? (low + high) / 2 : low;
}

/** Wall time of a command that has to succeed, in milliseconds. */
async function wallMs([file, ...args]: readonly string[]): Promise<number> {
  const startedAt = process.hrtime.bigint();
  await execa(file as string, args, { stdin: 'ignore' });
  return Number(process.hrtime.bigint() - startedAt) / 1e6;
}

/**
 * Median wall time of two commands in milliseconds, run in turn so that the machine's moods meet both alike, the first
 * of each not counted.
 */
export async function race(rounds: number, ours: () => string[], peer: () => string[]): Promise<Pair> {
  const times = { ours: [] as number[], peer: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const order = round % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const);
    for (const side of order) {
      const taken = await wallMs(side === 'ours' ? ours() : peer());
      if (round > 0) times[side].push(taken);
    }
  }
  return { ours: median(times.ours), peer: median(times.peer) };
}

/** Applies a measurement to both sides, one after the other. */
export async function onBoth(sides: Sides, measure: (side: Side) => number | Promise<number>): Promise<Pair> {
  return { ours: await measure(sides.ours), peer: await measure(sides.peer) };
}

/** Mean memory of the shims below a daemon, in bytes. */
export function shimMemory({ daemon }: Side, field: 'Rss' | 'Pss'): number {
  const shims = descendantsOf(daemon.reaperPids).filter(({ command }) => command.includes('containerd-shim'));
  if (shims.length === 0) throw new Error(`${daemon.kind} has no shims`);
  return shims.reduce((sum, { pid }) => sum + memoryOf(pid, field), 0) / shims.length;
}
