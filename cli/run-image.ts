import { GantryError, invalidArgument, isKind, messageOf } from '../base/errors.ts';
import { findImage, type ImageRecord } from '../client/image/store.ts';
import type { Cli } from './action.ts';

/** When `run` asks the registry for its image. */
export type PullPolicy = 'always' | 'missing' | 'never';

/** @throws GantryError invalid-argument */
export function parsePullPolicy(text: string): PullPolicy {
  if (text === 'always' || text === 'missing' || text === 'never') return text;
  throw invalidArgument(`--pull "${text}": must be always, missing or never`);
}

/**
 * The image to run, pulled before if the policy says so; standard output is left to the container.
 * @throws GantryError not-found with what can be done about it; what the registry says
 */
export async function imageFor(
  cli: Cli,
  reference: string,
  policy: PullPolicy,
  options: { signal: AbortSignal },
): Promise<ImageRecord> {
  if (policy === 'always') return pullFor(cli, reference, options);
  try {
    return await findImage(cli.client, reference, options);
  } catch (error) {
    if (!isKind(error, 'not-found')) throw error;
    if (policy === 'never') throw withHint(cli, error);
    try {
      return await pullFor(cli, reference, options);
    } catch (failure) {
      // A daemon that pulls nothing has only what was put there.
      if (isKind(failure, 'unimplemented')) throw withHint(cli, error);
      const kind = failure instanceof GantryError ? failure.kind : 'unknown';
      const text = `image "${reference}" is not in namespace ${cli.namespace}, and could not be pulled`;
      throw new GantryError(kind, `${text}: ${messageOf(failure)}`, { cause: failure });
    }
  }
}

async function pullFor(cli: Cli, reference: string, { signal }: { signal: AbortSignal }): Promise<ImageRecord> {
  // Most runs have their image.
  const { pullImage } = await import('../client/transfer/pull.ts');
  const { withRegistry } = await import('./registry-options.ts');
  const { reportTransfer } = await import('./output/transfer/report.ts');
  const snapshotter = process.env['CONTAINERD_SNAPSHOTTER'];
  return withRegistry({}, (registry) =>
    reportTransfer(reference, { json: cli.json, quiet: cli.json }, (onProgress) =>
      pullImage(cli.client, reference, { ...registry, snapshotter, onProgress, signal }),
    ),
  );
}

function withHint({ namespace }: Cli, error: GantryError): GantryError {
  const hint = '"gantry images" lists what there is, "gantry pull" and "gantry import" add to it';
  return new GantryError('not-found', `${error.message} in namespace ${namespace}; ${hint}`, { cause: error });
}
