import type { FailpointName } from '../../base/failpoint.ts';
import { failpointNames } from '../../base/failpoint-names.ts';
import type { Moment } from './crash.ts';

const points = Object.keys(failpointNames) as FailpointName[];

/** Those of unpacking an image, which takes many steps that a client does not see: they have a test of their own. */
export const pointsOfUnpacking = points.filter((name) => name.startsWith('unpack.'));
/** So does pulling one. */
export const pointsOfPulling = points.filter((name) => name.startsWith('pull.'));
/** Those of tasks have a matrix of their own. */
export const pointsOfStores = points.filter((name) => !/^(?:unpack|pull|task)\./.test(name));

/** `npm run faults` tries every moment; otherwise a few stand for those points that every step passes. */
export const isFull = process.env['GANTRY_FAULTS'] === 'full';
const shortCount = 3;

/** The moments at which to crash at a point that the workload passes so often. */
export function momentsOf(point: FailpointName, passes: number): Moment[] {
  const all = Array.from({ length: passes }, (_, index) => ({ point, pass: index + 1 }));
  if (isFull) return all;
  // Some points are passed a handful of times, always in the same way; the first stands for all.
  if (passes < workloadWide) return all.slice(0, 1);
  return all.filter((_, index) => index % Math.ceil(passes / shortCount) === 0);
}

/** From so many passes on a point belongs to no step in particular. */
const workloadWide = 15;
