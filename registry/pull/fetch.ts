import { GantryError } from '../../base/errors.ts';
import { type Descriptor, isIndexType, isManifestType } from '../../image/manifest.ts';
import { refusal } from '../errors.ts';
import type { HostSession } from '../host-session.ts';
import type { AnswerBody } from '../http/body.ts';
import type { HttpAnswer } from '../http/request.ts';
import type { Range, RemoteBlob, RequestOptions } from '../repository.ts';

/** Opens a blob or manifest at one host. */
export async function fetchFrom(
  session: HostSession,
  descriptor: Descriptor,
  { offset = 0, length, signal }: RequestOptions & Partial<Range>,
): Promise<RemoteBlob> {
  const { mediaType, digest } = descriptor;
  const isDocument = isManifestType(mediaType) || isIndexType(mediaType);
  const ranged = offset > 0 || length !== undefined;
  const end = length === undefined ? '' : String(offset + length - 1);
  const answer = await session.ask(
    {
      method: 'GET',
      path: `${isDocument ? 'manifests' : 'blobs'}/${digest}`,
      headers: {
        accept: `${mediaType}, */*`,
        // What is hashed are the stored bytes: nobody on the way may recode them.
        'accept-encoding': 'identity',
        ...(ranged ? { range: `bytes=${offset}-${end}` } : {}),
      },
    },
    { signal },
  );
  if (answer.status !== 200 && answer.status !== 206) throw await refusal(answer);
  return remoteBlob(session.host.authority, answer, { offset });
}

function remoteBlob(host: string, answer: HttpAnswer, asked: { readonly offset: number }): RemoteBlob {
  const { body, headers, status } = answer;
  const partial = status === 206 ? contentRange(headers['content-range'], asked.offset, body) : undefined;
  return {
    host,
    offset: partial?.offset ?? 0,
    takesRanges: status === 206 || headers['accept-ranges'] === 'bytes',
    sizeBytes: partial === undefined ? lengthOf(headers['content-length']) : partial.sizeBytes,
    body,
    close: async () => body.close(),
    [Symbol.asyncDispose]: async () => body.close(),
  };
}

function contentRange(header: string | undefined, offset: number, body: AnswerBody) {
  const [, start, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header ?? '') ?? [];
  if (Number(start) !== offset) {
    body.close();
    throw new GantryError('unavailable', `asked for bytes from ${offset} on, got "${header ?? 'no content-range'}"`);
  }
  return { offset, sizeBytes: size === '*' ? undefined : lengthOf(size) };
}

function lengthOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
