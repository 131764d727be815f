import type { IncomingHttpHeaders } from 'node:http';
import { failedPrecondition, GantryError } from '../../base/errors.ts';
import { isIndexType, isManifestType, mediaTypes } from '../../image/manifest.ts';
import { messageIn, oneLine } from '../errors.ts';
import { readBody } from '../http/body.ts';
import type { HttpAnswer } from '../http/request.ts';

/** More than any manifest, which is read into memory, has to be. */
export const maxManifestBytes = 8 * 1024 * 1024;

const schema1Types: ReadonlySet<string> = new Set([
  'application/vnd.docker.distribution.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
]);

/** The type that an answer says its body has, without parameters; empty if it says none. */
export function mediaTypeOf(headers: IncomingHttpHeaders): string {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
}

/**
 * @throws GantryError for types that can be no manifest we know: unimplemented for Docker's first format,
 * failed-precondition for a web page, as log-in pages of networks are
 */
export function refuseType(mediaType: string): void {
  if (schema1Types.has(mediaType)) {
    throw new GantryError(
      'unimplemented',
      `the image has Docker's schema 1 format (${mediaType}), which is not supported: it has to be built or pushed anew`,
    );
  }
  if (mediaType === 'text/html' || mediaType === 'application/xhtml+xml') {
    throw failedPrecondition(`answered with a web page (${mediaType}) in place of a manifest`);
  }
}

/**
 * Reads a manifest, index or list of tags that is answered with.
 * @throws GantryError resource-exhausted if it is too large, by what is announced or by what comes
 */
export async function readDocument(answer: HttpAnswer): Promise<Buffer> {
  refuse(answer);
  return readBody(answer.body, maxManifestBytes);
}

function refuse({ headers, body }: HttpAnswer): void {
  try {
    refuseType(mediaTypeOf(headers));
    refuseEncoding(headers);
    const sizeBytes = Number(headers['content-length'] ?? 0);
    if (sizeBytes > maxManifestBytes) {
      throw new GantryError('resource-exhausted', `the manifest has ${sizeBytes} bytes, more than ${maxManifestBytes}`);
    }
  } catch (error) {
    body.close();
    throw error;
  }
}

/** @throws GantryError failed-precondition if the bytes are not as they are stored, so that no digest can be right */
export function refuseEncoding(headers: IncomingHttpHeaders): void {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding === '' || encoding.toLowerCase() === 'identity') return;
  throw failedPrecondition(`answered with content-encoding "${oneLine(encoding)}", which was not asked for`);
}

/**
 * The media type of a document: as it was announced if that is one of ours, or as the document itself says or looks.
 * @throws GantryError failed-precondition for what is no manifest, with the host's message if it is one
 */
export function documentType(bytes: Uint8Array, announced: string): string {
  if (isManifestType(announced) || isIndexType(announced)) return announced;
  const document = jsonObject(bytes);
  if (document === undefined) throw failedPrecondition(`answered with ${announced || 'something'} that is no manifest`);
  if (Array.isArray(document['errors'])) {
    throw failedPrecondition(`answered 200 ok with an error: ${messageIn(bytes) ?? 'without text'}`);
  }
  const own = document['mediaType'];
  if (typeof own === 'string') {
    refuseType(own);
    if (isManifestType(own) || isIndexType(own)) return own;
  }
  if (document['schemaVersion'] === 1) refuseType('application/vnd.docker.distribution.manifest.v1+json');
  if (Array.isArray(document['manifests'])) return mediaTypes.ociIndex;
  if (Array.isArray(document['layers'])) return mediaTypes.ociManifest;
  throw failedPrecondition(`answered with ${oneLine(typeof own === 'string' ? own : announced)}, which is no manifest`);
}

function jsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
