import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GantryError } from '../../base/errors.ts';

const program = new URL(`./repair-program.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/**
 * Makes what can still be read of a closed database one that can be opened, with LevelDB's own means. In a process of its
 * own: LevelDB ends the process over a table whose keys are out of order.
 * @throws GantryError data-loss, with what the process had to say, if the repair failed or ended that way
 */
export function repairDatabase(directory: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  execFile(process.execPath, [fileURLToPath(program), directory], (error, _, stderr) => {
    if (error === null) resolve();
    else reject(new GantryError('data-loss', `metadata database cannot be repaired: ${said(stderr, error.signal)}`));
  });
  return promise;
}

/** The line with the reason; Node prints the place before it and the stack after it. */
function said(stderr: string, signal: NodeJS.Signals | undefined): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const reason = lines.find((line) => /error:|assertion/i.test(line)) ?? lines[0] ?? 'no reason given';
  return signal == null ? reason.trim() : `${reason.trim()} (${signal})`;
}
