import { spawnSync } from 'node:child_process';

/** Whether criu works on this kernel; the reason why not is printed, as what needs it is skipped then. */
export function criuWorks(): boolean {
  const check = spawnSync('criu', ['check'], { encoding: 'utf8' });
  if (check.status === 0) return true;
  console.warn(`criu does not work here, checkpoints are not tested:\n${check.error ?? check.stderr}`);
  return false;
}
