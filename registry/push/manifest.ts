import type { Descriptor } from '../../image/manifest.ts';
import type { HostSession } from '../host-session.ts';
import type { Pushed, RequestOptions } from '../repository.ts';
import { access, checkStored } from './upload.ts';

/** Stores a manifest or index at a host, which has to have what it refers to. */
export async function pushManifestTo(
  session: HostSession,
  { mediaType, digest }: Descriptor,
  bytes: Uint8Array,
  { tag, signal }: RequestOptions & { readonly tag?: string },
): Promise<Pushed> {
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
  await checkStored(session, answer, digest);
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
