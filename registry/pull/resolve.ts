import { isDigest, sha256Of } from '../../base/digest.ts';
import { GantryError } from '../../base/errors.ts';
import { type Descriptor, mediaTypes } from '../../image/manifest.ts';
import { refusal } from '../errors.ts';
import type { HostSession } from '../host-session.ts';
import { readBody } from '../http/body.ts';
import type { RequestOptions } from '../repository.ts';

/** More than any manifest, which is read into memory, has to be. */
export const maxManifestBytes = 8 * 1024 * 1024;

const accept = [
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerList,
  mediaTypes.dockerManifest,
  '*/*',
].join(', ');

/** Asks one host what a tag or digest names. */
export async function resolveAt(
  session: HostSession,
  tagOrDigest: string,
  { signal }: RequestOptions,
): Promise<Descriptor> {
  const path = `manifests/${tagOrDigest}`;
  const answer = await session.ask({ method: 'GET', path, headers: { accept } }, { signal });
  if (answer.status !== 200) throw await refusal(answer);
  const bytes = await readBody(answer.body, maxManifestBytes);
  const digest = sha256Of(bytes);
  if (isDigest(tagOrDigest) && tagOrDigest.startsWith('sha256:') && digest !== tagOrDigest) {
    throw new GantryError('data-loss', `asked for ${tagOrDigest}, got ${digest}`);
  }
  return {
    mediaType: answer.headers['content-type']?.split(';')[0]?.trim() ?? '',
    digest: isDigest(tagOrDigest) ? tagOrDigest : digest,
    size: bytes.length,
  };
}
