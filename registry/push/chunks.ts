import { setTimeout as delay } from 'node:timers/promises';
import { failedPrecondition, GantryError } from '../../base/errors.ts';
import type { HostSession } from '../host-session.ts';
import { backOffMs } from '../http/retry.ts';
import type { BlobToPush } from '../repository.ts';
import { closing, locationOf } from './location.ts';
import { access, checkStored, commitTimeoutMs, counted, type PushBlobOptions, startUpload } from './upload.ts';

const firstChunkBytes = 16 * 1024 * 1024;
/** Less than any proxy refuses; a host that does is not to be helped. */
const leastChunkBytes = 512 * 1024;
const maxFailures = 5;
const passing: ReadonlySet<string> = new Set([
  'unavailable',
  'deadline-exceeded',
  'resource-exhausted',
  'out-of-range',
  'unknown',
]);

interface Progress {
  readonly location: URL;
  /** Bytes that the host has. */
  readonly offset: number;
}

/**
 * Sends a blob in pieces. After one that fails the host is asked how much it has, and the rest is sent; pieces get
 * smaller where they are refused as too large.
 */
export async function pushInChunks(session: HostSession, blob: BlobToPush, options: PushBlobOptions): Promise<void> {
  const { digest, size } = blob.descriptor;
  let progress: Progress = { location: await startUpload(session, options), offset: 0 };
  let chunkBytes = firstChunkBytes;
  let failures = 0;
  while (progress.offset < size) {
    const { offset } = progress;
    const sizeBytes = Math.min(chunkBytes, size - offset);
    try {
      const next = await sendChunk(session, blob, progress, sizeBytes, options);
      progress = next ?? (await whatIsThere(session, progress, options));
      if (next === undefined) chunkBytes = Math.max(leastChunkBytes, Math.floor(sizeBytes / 2));
    } catch (error) {
      failures += 1;
      if (!mayGoOn(error, options.signal) || failures > maxFailures) throw error;
      await delay(backOffMs(failures), undefined, { signal: options.signal });
      progress = await whatIsThere(session, progress, options);
    }
    if (progress.offset > offset) failures = 0;
  }
  const answer = await session.ask(
    { method: 'PUT', path: closing(progress.location, digest), access, headersTimeoutMs: commitTimeoutMs },
    options,
  );
  await checkStored(session, answer, digest);
}

function mayGoOn(error: unknown, signal: AbortSignal): boolean {
  return !signal.aborted && error instanceof GantryError && passing.has(error.kind);
}

/** Undefined if the piece is too large, and may be smaller. */
async function sendChunk(
  session: HostSession,
  blob: BlobToPush,
  { location, offset }: Progress,
  sizeBytes: number,
  options: PushBlobOptions,
): Promise<Progress | undefined> {
  const open = () => counted(first(blob.open(offset), sizeBytes), offset, options.onBytes);
  const headers = {
    'content-type': 'application/octet-stream',
    'content-range': `${offset}-${offset + sizeBytes - 1}`,
  };
  const body = { sizeBytes, open };
  const answer = await session.ask(
    { method: 'PATCH', path: location, headers, body, access, once: true, bulk: true },
    options,
  );
  if (answer.status === 413) {
    if (sizeBytes <= leastChunkBytes) throw failedPrecondition((await session.refusal(answer)).message);
    answer.body.discard();
    return undefined;
  }
  if (answer.status < 200 || answer.status >= 300) throw await session.refusal(answer);
  answer.body.discard();
  return { location: locationOf(answer), offset: offset + sizeBytes };
}

/** Asks how far the upload has come; one that the host has forgotten begins anew. */
async function whatIsThere(session: HostSession, { location }: Progress, options: PushBlobOptions): Promise<Progress> {
  const answer = await session.ask({ method: 'GET', path: location, access }, options);
  answer.body.discard();
  const [, end] = /^(?:bytes=)?0-(\d{1,15})$/.exec(String(answer.headers.range ?? '')) ?? [];
  // An end of 0 is what some say who have nothing, and others who have one byte.
  const isKnown = answer.status === 204 && end !== undefined && end !== '0';
  if (!isKnown) return { location: await startUpload(session, options), offset: 0 };
  return { location: answer.headers.location === undefined ? location : locationOf(answer), offset: Number(end) + 1 };
}

/** The first so many bytes. */
async function* first(chunks: AsyncIterable<Uint8Array>, sizeBytes: number): AsyncGenerator<Uint8Array> {
  let left = sizeBytes;
  for await (const chunk of chunks) {
    yield chunk.length <= left ? chunk : chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}
