import { readFile } from 'node:fs/promises';
import { notFound } from '../base/errors.ts';
import { errnoOf } from './errno.ts';

/**
 * When a process was started, in clock ticks since boot: with the pid it tells a process from a later one with the
 * same pid. See proc(5), /proc/pid/stat.
 */
export async function processStartTicks(pid: number): Promise<bigint> {
  let text: string;
  try {
    text = await readFile(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ESRCH') throw notFound(`process ${pid}`);
    throw error;
  }
  // The command's name, in parentheses, may hold anything: count from its end. The start time is field 22.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields[22 - 3];
  if (ticks === undefined) throw notFound(`process ${pid}`);
  return BigInt(ticks);
}
