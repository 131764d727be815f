import { setTimeout } from 'node:timers/promises';
import { GantryError, isKind } from '../../base/errors.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { followProgress, type OnProgress } from './progress.ts';
import { type Endpoint, TransferSession } from './session.ts';

export interface TransferOptions extends Pick<CallOptions, 'signal'> {
  onProgress?: OnProgress | undefined;
}

/** How long after its answer a daemon may tell of progress that came before it. */
const lateProgressMs = 2_000;

/**
 * Has the daemon move images from one place to another: `registryImage`, `storedImage`, `archiveSource`, `archiveTarget`.
 * Returns when all is done, and every byte and step of progress has been passed on.
 * @throws GantryError unimplemented for a daemon without the service (containerd before 1.7) or a pair it does not know;
 *   what a source, a target or the search for credentials throws
 */
export async function transfer(
  client: Client,
  source: Endpoint,
  destination: Endpoint,
  { onProgress, signal }: TransferOptions = {},
): Promise<void> {
  await using session = new TransferSession(client, { signal });
  try {
    const progress = onProgress && (await session.openStream('progress'));
    const told = progress && followProgress(progress, onProgress);
    const request = {
      source: await source(session),
      destination: await destination(session),
      options: { progressStream: progress?.id ?? '' },
    };
    await client.service('containerd.services.transfer.v1.Transfer').Transfer(request, { signal: session.signal });
    // A daemon that does not end the stream has nothing more to say at some point.
    await Promise.race([told, setTimeout(lateProgressMs, undefined, { ref: false })]);
    await session.finished();
  } catch (error) {
    throw session.failure === undefined ? explained(error, client.address) : session.failure.error;
  }
  if (session.failure !== undefined) throw session.failure.error;
}

function explained(error: unknown, address: string): unknown {
  if (!isKind(error, 'unimplemented') || !/unknown service|does not implement the method/i.test(error.message))
    return error;
  const text = `the daemon at ${address} does not transfer images itself, as containerd does from 1.7 on`;
  return new GantryError('unimplemented', text, { cause: error });
}
