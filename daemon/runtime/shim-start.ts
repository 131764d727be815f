import { GantryError, wrap } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Any } from '../../proto/any.ts';
import { encode } from '../../proto/codec.ts';
import { version } from '../version.ts';
import { type Bootstrap, parseBootstrap } from './bootstrap.ts';
import type { Bundle } from './bundle.ts';
import { type CommandResult, runCommand } from './run-command.ts';
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

/** What shims built since containerd 2.3 complain about when they are given nothing but the options. */
const wantsParameters = /bootstrap param|built against the new API/i;
/** Executables that complained. */
const since23 = new Set<string>();

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
  const { shimPath } = start;
  try {
    let result = await runStart(start, surroundings, options);
    const text = `${result.stderr}${result.stdout}`.trim();
    if (result.failure !== '' && !since23.has(shimPath) && wantsParameters.test(text)) {
      since23.add(shimPath);
      result = await runStart(start, surroundings, options);
    }
    const { stdout, stderr, failure } = result;
    if (failure !== '') throw new GantryError('unknown', `${stderr}${stdout}`.trim().concat(`: ${failure}`));
    if (stderr.length > 0) log.warn({ output: stderr.toString().trim() }, 'shim start printed a warning');
    return parseBootstrap(stdout);
  } catch (error) {
    throw wrap(error, 'start failed');
  }
}

function runStart(
  { shimPath, bundle, timeoutMs, options: runtimeOptions }: ShimStart,
  surroundings: ShimSurroundings,
  options: { signal: AbortSignal },
): Promise<CommandResult> {
  const stdin = since23.has(shimPath)
    ? bootstrapParameters(surroundings, bundle, runtimeOptions)
    : runtimeOptions && encode('google.protobuf.Any', runtimeOptions);
  return runCommand(
    {
      path: shimPath,
      args: shimArguments(surroundings, bundle, 'start'),
      cwd: bundle.path,
      env: shimVariables(surroundings, bundle.namespace),
      stdin: stdin ?? undefined,
      timeoutMs,
    },
    options,
  );
}

/** The parameters of containerd 2.3, with the options as their extension. */
function bootstrapParameters(surroundings: ShimSurroundings, { id, namespace }: Bundle, options: Any | null): Buffer {
  const { address, ttrpcAddress, publishBinary, socketDirectory, debug } = surroundings;
  return encode('containerd.runtime.bootstrap.v1.BootstrapParams', {
    instanceId: id,
    namespace,
    logLevel: debug ? 'LOG_LEVEL_DEBUG' : 'LOG_LEVEL_INFO',
    containerdVersion: version,
    containerdTtrpcAddress: ttrpcAddress,
    containerdGrpcAddress: address,
    containerdBinary: publishBinary,
    extensions: options === null ? [] : [{ value: options }],
    socketDir: socketDirectory,
  });
}
