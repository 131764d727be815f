import { failedPrecondition, GantryError } from '../../base/errors.ts';
import { type Descriptor, isIndexType, isManifestType } from '../../image/manifest.ts';
import { connectionError } from '../errors.ts';
import type { AskOptions, HostSession } from '../host-session.ts';
import type { AnswerBody } from '../http/body.ts';
import type { HttpAnswer } from '../http/request.ts';
import type { Range, RemoteBlob } from '../repository.ts';
import { mediaTypeOf, refuseEncoding, refuseType } from './document.ts';

/** Opens a blob or manifest at one host. */
export async function fetchAt(
  session: HostSession,
  descriptor: Descriptor,
  range: Partial<Range>,
  options: AskOptions,
): Promise<RemoteBlob> {
  const { mediaType, digest } = descriptor;
  const path = `${isDocument(mediaType) ? 'manifests' : 'blobs'}/${digest}`;
  const headers = fetchHeaders(mediaType, range);
  const answer = await session.ask({ method: 'GET', path, headers, bulk: !isDocument(mediaType) }, options);
  if (answer.status !== 200 && answer.status !== 206) throw await session.refusal(answer);
  return openedBlob(answer, descriptor, range, { host: session.host.authority, signal: options.signal });
}

function isDocument(mediaType: string): boolean {
  return isManifestType(mediaType) || isIndexType(mediaType);
}

/** Headers of a request for the stored bytes or a part of them. */
export function fetchHeaders(mediaType: string, { offset = 0, length }: Partial<Range>): Record<string, string> {
  const end = length === undefined ? '' : String(offset + length - 1);
  return {
    accept: `${mediaType}, */*`,
    // What is hashed are the stored bytes: nobody on the way may recode them.
    'accept-encoding': 'identity',
    ...(offset > 0 || length !== undefined ? { range: `bytes=${offset}-${end}` } : {}),
  };
}

/**
 * The blob that a good answer holds.
 * @throws GantryError failed-precondition for what can be seen to be something else before its bytes are there
 */
export function openedBlob(
  answer: HttpAnswer,
  descriptor: Descriptor,
  { offset = 0 }: Partial<Range>,
  { host, signal }: { readonly host: string; readonly signal: AbortSignal },
): RemoteBlob {
  const { body, headers, status } = answer;
  try {
    const part = status === 206 ? partOf(headers['content-range'], offset) : undefined;
    const sizeBytes = part === undefined ? lengthOf(headers['content-length']) : part.sizeBytes;
    check(answer, descriptor, sizeBytes);
    return {
      host,
      offset: part?.offset ?? 0,
      takesRanges: status === 206 || headers['accept-ranges'] === 'bytes',
      sizeBytes,
      body: chunksOf(body, host, signal),
      close: async () => body.close(),
      [Symbol.asyncDispose]: async () => body.close(),
    };
  } catch (error) {
    body.close();
    throw error;
  }
}

function check({ headers }: HttpAnswer, { mediaType, size }: Descriptor, sizeBytes: number | undefined): void {
  if (isDocument(mediaType)) refuseType(mediaTypeOf(headers));
  refuseEncoding(headers);
  if (sizeBytes !== undefined && size > 0 && sizeBytes !== size) {
    throw failedPrecondition(`has ${sizeBytes} bytes for it, not ${size}`);
  }
}

/** The iterator of the body itself, so that its chunks are not handed on once more; only its errors are named. */
function chunksOf(body: AnswerBody, host: string, signal: AbortSignal): AsyncIterable<Buffer> {
  const named = (error: unknown) => Promise.reject(broken(error, host, signal));
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => body.next().catch(named),
      return: () => body.return(),
    }),
  };
}

function broken(error: unknown, host: string, signal: AbortSignal): unknown {
  const failure = connectionError(error, signal);
  if (!(failure instanceof GantryError) || signal.aborted) return failure;
  return new GantryError(failure.kind, `${host}: ${failure.message}`, { cause: failure });
}

function partOf(header: string | undefined, offset: number) {
  const [, start, size] = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/.exec(header ?? '') ?? [];
  if (Number(start) === offset) return { offset, sizeBytes: lengthOf(size) };
  throw failedPrecondition(`was asked for bytes from ${offset} on, answers with "${header ?? 'no content-range'}"`);
}

function lengthOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
