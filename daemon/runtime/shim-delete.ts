import { GantryError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { decode } from '../../proto/codec.ts';
import type { Bundle } from './bundle.ts';
import type { Exit } from './exit-record.ts';
import { runCommand } from './run-command.ts';
import { type ShimSurroundings, shimArguments, shimVariables } from './shim-command.ts';

/**
 * Runs the shim's `delete`, which kills and removes whatever of the container is left without a shim.
 * @returns how the container ended, as far as the shim knows: killed, if it was still running
 * @throws GantryError with what the command printed if it failed, deadline-exceeded if it took longer than `timeoutMs`
 */
export async function deleteShim(
  what: { shimPath: string; bundle: Bundle; timeoutMs: number },
  surroundings: ShimSurroundings,
  log: Logger,
): Promise<Exit> {
  const { shimPath, bundle, timeoutMs } = what;
  const { stdout, stderr, failure } = await runCommand({
    path: shimPath,
    args: shimArguments(surroundings, bundle, 'delete'),
    cwd: bundle.path,
    env: shimVariables(surroundings, bundle.namespace),
    timeoutMs,
  });
  const output = stderr.toString().trim();
  if (failure !== '') throw new GantryError('unknown', `${output}: ${failure}`);
  if (output !== '') log.warn({ namespace: bundle.namespace, id: bundle.id, output }, 'shim delete printed a warning');
  const { pid, exitStatus, exitedAt } = decode('containerd.task.v2.DeleteResponse', stdout);
  if (exitedAt === null) throw new GantryError('unknown', 'shim delete did not tell when the container ended');
  return { pid, exitStatus, exitedAt };
}
