import { isDigest, sha256Of } from '../../base/digest.ts';
import { failedPrecondition } from '../../base/errors.ts';
import { type Descriptor, mediaTypes } from '../../image/manifest.ts';
import type { HostSession } from '../host-session.ts';
import { readDocument } from '../pull/document.ts';
import type { RequestOptions } from '../repository.ts';
import { access, checkStored } from './upload.ts';

type JsonObject = Record<string, unknown>;

/** The digest a manifest names as its subject, if it does. */
export function subjectOf(manifest: Uint8Array): string | undefined {
  const { subject } = parse(manifest);
  const digest = isObject(subject) ? subject['digest'] : undefined;
  return typeof digest === 'string' && isDigest(digest) ? digest : undefined;
}

/**
 * Adds a manifest to the index that clients keep, under a tag made of the subject's digest, at registries that keep no list
 * of referrers themselves (OCI distribution spec 1.1, "Referrers Tag Schema"). What else is in the index stays as it is.
 */
export async function listUnderSubject(
  session: HostSession,
  subject: string,
  descriptor: Descriptor,
  manifest: Uint8Array,
  { signal }: RequestOptions,
): Promise<void> {
  const path = `manifests/${subject.replace(':', '-')}`;
  const old = await session.ask({ method: 'GET', path, headers: { accept: mediaTypes.ociIndex }, access }, { signal });
  const index = old.status === 404 ? newIndex() : await readIndex(session, old, subject);
  if (old.status === 404) old.body.discard();
  if (index.manifests.some((entry) => isObject(entry) && entry['digest'] === descriptor.digest)) return;
  const bytes = Buffer.from(
    JSON.stringify({ ...index, manifests: [...index.manifests, entryOf(descriptor, manifest)] }),
  );
  const body = { sizeBytes: bytes.length, open: () => once(bytes) };
  const headers = { 'content-type': mediaTypes.ociIndex };
  const answer = await session.ask({ method: 'PUT', path, headers, body, access }, { signal });
  await checkStored(session, answer, sha256Of(bytes));
}

const newIndex = () => ({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] as unknown[] });

async function readIndex(session: HostSession, answer: Awaited<ReturnType<HostSession['ask']>>, subject: string) {
  if (answer.status !== 200) throw await session.refusal(answer);
  const index = parse(await readDocument(answer));
  const { manifests } = index;
  if (Array.isArray(manifests)) return { ...index, manifests: manifests as unknown[] };
  throw failedPrecondition(`what is tagged as the list of what refers to ${subject} is no index`);
}

/** What the list tells of a manifest: also its kind and annotations, by which readers choose. */
function entryOf({ mediaType, digest, size }: Descriptor, manifest: Uint8Array): JsonObject {
  const { artifactType, config, annotations } = parse(manifest);
  const kind = artifactType ?? (isObject(config) ? config['mediaType'] : undefined);
  return {
    ...{ mediaType, digest, size },
    ...(typeof kind === 'string' && kind !== '' ? { artifactType: kind } : {}),
    ...(isObject(annotations) ? { annotations } : {}),
  };
}

function parse(bytes: Uint8Array): JsonObject {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
