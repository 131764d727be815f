import { isDigest } from '../../base/digest.ts';
import { failedPrecondition } from '../../base/errors.ts';
import { oneLine } from '../errors.ts';
import type { HostSession } from '../host-session.ts';
import type { HttpAnswer } from '../http/request.ts';
import type { RequestOptions } from '../repository.ts';
import { locationOf } from './location.ts';

export type PushBlobOptions = RequestOptions & { readonly onBytes?: (sentBytes: number) => void };

/** What a push needs leave for, as token servers name it. */
export const access = 'pull,push';
/** A registry looks at the whole blob before it answers, and some copy it first. */
export const commitTimeoutMs = 600_000;

/** Asks for an upload to begin; answers with where it goes on. */
export async function startUpload(session: HostSession, options: RequestOptions): Promise<URL> {
  const answer = await session.ask({ method: 'POST', path: 'blobs/uploads/', access }, options);
  if (answer.status < 200 || answer.status >= 300) throw await session.refusal(answer);
  answer.body.discard();
  return locationOf(answer);
}

/**
 * Takes the answer that ends an upload.
 * @throws GantryError with the host's refusal, or if it stored something else
 */
export async function checkStored(session: HostSession, answer: HttpAnswer, digest: string): Promise<void> {
  if (answer.status < 200 || answer.status >= 300) throw await session.refusal(answer);
  answer.body.discard();
  const stored = answer.headers['docker-content-digest'];
  if (typeof stored !== 'string' || stored === digest) return;
  if (!isDigest(stored) || stored.split(':')[0] === digest.split(':')[0]) {
    throw failedPrecondition(`stored ${oneLine(stored)} in place of ${digest}`);
  }
}

/** Tells how far an upload has come; `from` are the bytes that were sent before. */
export async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  from: number,
  onBytes: ((sentBytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  let sentBytes = from;
  for await (const chunk of chunks) {
    yield chunk;
    sentBytes += chunk.length;
    onBytes?.(sentBytes);
  }
}
