import { GantryError, wrap } from '../../base/errors.ts';
import { decode, encode } from '../../proto/codec.ts';
import type { RuntimeInfo, RuntimeRequest } from '../../proto/gen/api/types/introspection.ts';
import { runCommand } from './run-command.ts';
import type { ShimBinaries } from './shim-binary.ts';

const timeoutMs = 10_000;

/**
 * What a runtime tells of itself, its version and features: its shim's answer to `-info`.
 * @throws GantryError as finding the shim does; unknown for a shim that has no such answer
 */
export async function runtimeInfo(
  binaries: Pick<ShimBinaries, 'resolve'>,
  { runtimePath, options }: RuntimeRequest,
  signal: AbortSignal,
): Promise<RuntimeInfo> {
  const path = await binaries.resolve(runtimePath).catch((error: unknown) => {
    throw wrap(error, 'failed to resolve runtime path');
  });
  const stdin = options === null ? undefined : encode('google.protobuf.Any', options);
  const command = { path, args: ['-info'], cwd: '/', env: process.env, stdin, timeoutMs };
  const { stdout, stderr, failure } = await runCommand(command, { signal });
  const said = stderr.toString().trim();
  if (failure !== '') throw new GantryError('unknown', `failed to run ${path} -info: ${failure} (stderr: "${said}")`);
  try {
    return decode('containerd.types.RuntimeInfo', stdout);
  } catch (error) {
    throw wrap(error, `failed to understand ${path} -info`);
  }
}
