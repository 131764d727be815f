import { failedPrecondition, GantryError, messageOf } from '../../base/errors.ts';
import { type Descriptor, mediaTypes, parseManifest } from '../../image/manifest.ts';
import type { AskOptions, HostSession, Question } from '../host-session.ts';
import { pagesOf } from './pages.ts';

const maxReferrers = 10_000;
/** What registries without the list answer: that it is not there, or that it looks to them like a wrong name. */
const absent: ReadonlySet<string> = new Set(['not-found', 'unimplemented', 'invalid-argument']);

/**
 * What refers to a digest at one host: by the registry's own list, or where it keeps none by the index that clients keep
 * under a tag made of the digest.
 */
export async function referrersAt(
  session: HostSession,
  digest: string,
  artifactType: string | undefined,
  options: AskOptions,
): Promise<Descriptor[]> {
  const query = artifactType === undefined ? {} : { artifactType };
  const headers = { accept: mediaTypes.ociIndex };
  const hasList = session.host.capabilities.has('referrers');
  const found = hasList
    ? await list(session, { method: 'GET', path: `referrers/${digest}`, query, headers }, digest, options)
    : undefined;
  const path = `manifests/${digest.replace(':', '-')}`;
  const all = found ?? (await list(session, { method: 'GET', path, headers }, digest, options)) ?? [];
  // The host may have filtered, but need not have.
  return artifactType === undefined ? all : all.filter((descriptor) => descriptor.artifactType === artifactType);
}

/** Undefined if there is no such list. */
async function list(
  session: HostSession,
  question: Question,
  digest: string,
  options: AskOptions,
): Promise<Descriptor[] | undefined> {
  const all: Descriptor[] = [];
  try {
    for await (const { bytes } of pagesOf(session, question, options)) {
      all.push(...descriptorsIn(bytes, digest));
      if (all.length > maxReferrers) {
        throw new GantryError('resource-exhausted', `its list has more than ${maxReferrers} that refer to ${digest}`);
      }
    }
    return all;
  } catch (error) {
    if (all.length === 0 && error instanceof GantryError && absent.has(error.kind)) return undefined;
    throw error;
  }
}

function descriptorsIn(bytes: Buffer, digest: string): readonly Descriptor[] {
  try {
    const document = parseManifest(bytes, {
      mediaType: mediaTypes.ociIndex,
      digest: `of referrers of ${digest}`,
      size: 0,
    });
    return document.kind === 'index' ? document.manifests : [];
  } catch (error) {
    throw failedPrecondition(messageOf(error));
  }
}
