import { createHash } from 'node:crypto';
import { sha256Of } from '../base/digest.ts';
import { GantryError, invalidArgument, messageOf } from '../base/errors.ts';
import type { Descriptor } from '../image/manifest.ts';
import type { ContentSink, ContentSource } from './store.ts';

/** Documents (indexes, manifests, configs) are small; a larger one is an attack or a mistake. */
export const documentMaxBytes = 8 * 1024 * 1024;

/**
 * The bytes of a small blob.
 * @throws GantryError not-found; resource-exhausted over `documentMaxBytes`; data-loss for other bytes than the digest's
 */
export async function readDocument(source: ContentSource, digest: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of source.read(digest)) {
    sizeBytes += chunk.length;
    if (sizeBytes > documentMaxBytes) {
      throw new GantryError('resource-exhausted', `blob ${digest}: larger than ${documentMaxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Stores a document as JSON. */
export async function writeDocument(
  store: ContentSink,
  document: unknown,
  { mediaType, labels = {} }: { mediaType: string; labels?: Readonly<Record<string, string>> },
): Promise<Descriptor> {
  const bytes = Buffer.from(documentJson(document));
  const blob = { sizeBytes: bytes.length, digest: sha256Of(bytes), labels };
  const { digest } = await store.write(only(bytes), blob);
  return { mediaType, digest, size: bytes.length };
}

/** JSON as Go programs write it, so that the same document has the same digest whoever makes it. */
export function documentJson(document: unknown): string {
  return JSON.stringify(document).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** @throws GantryError invalid-argument, naming the file */
export function parseFile(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw invalidArgument(`archive: ${path} is not JSON: ${messageOf(error)}`);
  }
}

/** A map with its keys in order, as Go programs write maps. */
export function sorted(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Passes the bytes of a whole blob on and compares its digest at the end. It hashes where it runs, 64 KiB to a few MiB at a
 * time: a daemon with threads for it should use those.
 * @throws GantryError data-loss
 */
export async function* verified(bytes: AsyncIterable<Uint8Array>, digest: string): AsyncGenerator<Uint8Array> {
  const [algorithm = ''] = digest.split(':');
  const hash = createHash(algorithm);
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
  if (`${algorithm}:${hash.digest('hex')}` !== digest) {
    throw new GantryError('data-loss', `blob ${digest}: its bytes have another digest`);
  }
}

/** Bytes that are all there, as a stream of them. */
export async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
