import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GantryError } from '../../base/errors.ts';

const run = promisify(execFile);

/** More than this of what `cp` complains about is of no use to anybody. */
const maxComplaintBytes = 64 * 1024;

/**
 * Copies all that is in one directory, and its own owner, mode and times, to another that is empty: hard links among the
 * files, devices, holes and extended attributes included, file contents shared with the original where the file system can.
 * The directories must not be changed meanwhile.
 */
export async function copyTree(from: string, to: string): Promise<void> {
  try {
    await run('cp', ['--archive', '--reflink=auto', '--no-target-directory', '--', from, to], {
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      maxBuffer: maxComplaintBytes,
    });
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    const [first] = stderr.split('\n');
    throw new GantryError('unknown', `cannot copy layer ${from}: ${first || message}`, { cause: error });
  }
}
