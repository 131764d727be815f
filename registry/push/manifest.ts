import type { Descriptor } from '../../image/manifest.ts';
import type { HostSession } from '../host-session.ts';
import type { Pushed, RequestOptions } from '../repository.ts';
import { listUnderSubject, subjectOf } from './subject.ts';
import { access, checkStored } from './upload.ts';

/** Stores a manifest or index at a host, which has to have what it refers to. */
export async function pushManifestTo(
  session: HostSession,
  descriptor: Descriptor,
  bytes: Uint8Array,
  { tag, signal }: RequestOptions & { readonly tag?: string },
): Promise<Pushed> {
  const { mediaType, digest } = descriptor;
  const path = `manifests/${tag ?? digest}`;
  const head = await session.ask(
    { method: 'HEAD', path, headers: { accept: `${mediaType}, */*` }, access },
    { signal },
  );
  head.body.discard();
  // A tag that is there may still name something else.
  const isSame = tag === undefined || head.headers['docker-content-digest'] === digest;
  if (head.status === 200 && isSame) return 'exists';
  const body = { sizeBytes: bytes.length, open: () => once(bytes) };
  const headers = { 'content-type': mediaType };
  const answer = await session.ask({ method: 'PUT', path, headers, body, access }, { signal });
  // A registry that lists what refers to a subject says that it has seen one.
  const isListed = answer.headers['oci-subject'] !== undefined;
  await checkStored(session, answer, digest);
  const subject = isListed ? undefined : subjectOf(bytes);
  if (subject !== undefined) await listUnderSubject(session, subject, descriptor, bytes, { signal });
  return 'uploaded';
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Deletes a manifest by its digest, or a tag. */
export async function deleteManifestAt(
  session: HostSession,
  tagOrDigest: string,
  { signal }: RequestOptions,
): Promise<void> {
  const answer = await session.ask(
    { method: 'DELETE', path: `manifests/${tagOrDigest}`, access: 'delete' },
    { signal },
  );
  if (answer.status < 200 || answer.status >= 300) throw await session.refusal(answer);
  answer.body.discard();
}
