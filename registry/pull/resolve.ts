import { isDigest, sha256Of } from '../../base/digest.ts';
import { GantryError, isKind } from '../../base/errors.ts';
import { type Descriptor, isIndexType, isManifestType, mediaTypes } from '../../image/manifest.ts';
import type { AskOptions, HostSession } from '../host-session.ts';
import type { HttpAnswer } from '../http/request.ts';
import { documentType, maxManifestBytes, mediaTypeOf, readDocument, refuseType } from './document.ts';

const accept = [
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerList,
  mediaTypes.dockerManifest,
  '*/*',
].join(', ');

const maxReads = 3;

/** Asks one host what a tag or digest names. */
export async function resolveAt(session: HostSession, tagOrDigest: string, options: AskOptions): Promise<Descriptor> {
  const path = `manifests/${tagOrDigest}`;
  const head = await session.ask({ method: 'HEAD', path, headers: { accept } }, options);
  head.body.discard();
  const descriptor = head.status === 200 ? fromHeaders(head, tagOrDigest) : undefined;
  if (descriptor !== undefined) return descriptor;
  // Where another host may have it, how this one says that it has not is of no interest.
  if (head.status === 404 && options.hasStandIn === true) throw await session.refusal(head);
  // What the registry has to say about its refusal is in no answer to HEAD, and not all know HEAD.
  for (let count = 1; ; count += 1) {
    const answer = await session.ask({ method: 'GET', path, headers: { accept } }, options);
    if (answer.status !== 200) throw await session.refusal(answer);
    try {
      return await fromBody(answer, tagOrDigest);
    } catch (error) {
      // It was cut off on the way.
      if (count === maxReads || !isKind(error, 'unavailable')) throw error;
    }
  }
}

/** Enough if the headers tell all of it and nothing about them is odd. */
function fromHeaders({ headers }: HttpAnswer, tagOrDigest: string): Descriptor | undefined {
  const mediaType = mediaTypeOf(headers);
  const digest = headers['docker-content-digest'];
  const size = Number(headers['content-length'] ?? Number.NaN);
  refuseType(mediaType);
  const isKnown = isManifestType(mediaType) || isIndexType(mediaType);
  if (!isKnown || typeof digest !== 'string' || !isDigest(digest) || !Number.isSafeInteger(size) || size === 0) {
    return undefined;
  }
  checkDigest(digest, tagOrDigest);
  if (size > maxManifestBytes) throw tooLarge(size);
  return { mediaType, digest, size };
}

async function fromBody(answer: HttpAnswer, tagOrDigest: string): Promise<Descriptor> {
  const told = answer.headers['docker-content-digest'];
  const bytes = await readDocument(answer);
  const mediaType = documentType(bytes, mediaTypeOf(answer.headers));
  const digest = sha256Of(bytes);
  // Only the algorithm of the digest that is asked for can be compared with it.
  if (!isDigest(tagOrDigest) || tagOrDigest.startsWith('sha256:')) checkDigest(digest, tagOrDigest);
  if (typeof told === 'string' && told.startsWith('sha256:')) checkDigest(digest, told);
  return { mediaType, digest: isDigest(tagOrDigest) ? tagOrDigest : digest, size: bytes.length };
}

function checkDigest(digest: string, asked: string): void {
  if (!isDigest(asked) || asked === digest || asked.split(':')[0] !== digest.split(':')[0]) return;
  throw new GantryError('failed-precondition', `asked for ${asked}, got ${digest}`);
}

function tooLarge(sizeBytes: number) {
  return new GantryError('resource-exhausted', `the manifest has ${sizeBytes} bytes, more than ${maxManifestBytes}`);
}
