import { GantryError, wrap } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Any } from '../../proto/any.ts';
import { encode } from '../../proto/codec.ts';
import { type Bootstrap, parseBootstrap } from './bootstrap.ts';
import type { Bundle } from './bundle.ts';
import { runCommand } from './run-command.ts';
import { type ShimSurroundings, shimArguments, shimVariables } from './shim-command.ts';

/** What to start. */
export interface ShimStart {
  readonly shimPath: string;
  readonly bundle: Bundle;
  /** The runtime's options, handed over on standard input. */
  readonly options: Any | null;
  /** Time for the command to answer. */
  readonly timeoutMs: number;
}

/**
 * Runs the shim's `start`, which leaves the shim itself running and tells how to reach it.
 * @throws GantryError with what the command printed if it failed
 */
export async function startShim(
  start: ShimStart,
  surroundings: ShimSurroundings,
  log: Logger,
  options: { signal: AbortSignal },
): Promise<Bootstrap> {
  const { shimPath, bundle, timeoutMs } = start;
  try {
    const { stdout, stderr, failure } = await runCommand(
      {
        path: shimPath,
        args: shimArguments(surroundings, bundle, 'start'),
        cwd: bundle.path,
        env: shimVariables(surroundings, bundle.namespace),
        stdin: start.options === null ? undefined : encode('google.protobuf.Any', start.options),
        timeoutMs,
      },
      options,
    );
    if (failure !== '') throw new GantryError('unknown', `${stderr}${stdout}`.trim().concat(`: ${failure}`));
    if (stderr.length > 0) log.warn({ output: stderr.toString().trim() }, 'shim start printed a warning');
    return parseBootstrap(stdout);
  } catch (error) {
    throw wrap(error, 'start failed');
  }
}
