import { GantryError, invalidArgument, isKind, notFound } from '../base/errors.ts';
import {
  type Descriptor,
  type Index,
  isIndexType,
  isManifestType,
  isNonDistributableType,
  type Manifest,
  parseManifest,
} from '../image/manifest.ts';
import { hostPlatform, type Platform, rankPlatform } from '../image/platform.ts';
import { documentMaxBytes, readDocument } from './documents.ts';
import type { ContentSink } from './store.ts';

const maxDocuments = 1_000;
const gcLabel = 'containerd.io/gc.ref.content';

export interface ProtectOptions {
  /** Platforms that have to be complete, `all` for every one; that of this machine if none is given. */
  readonly platforms?: readonly Platform[] | 'all' | undefined;
}

interface Part {
  readonly descriptor: Descriptor;
  /** Digest of the index it is in; undefined for what the caller named. */
  readonly parent?: string;
}

/**
 * Gives every index and manifest below `target` the labels by which garbage collection finds their parts, after seeing
 * that the parts are there. Parts for other platforms may be missing: an archive need not hold all of a big index.
 * @throws GantryError not-found, naming the missing blob and who refers to it; invalid-argument for documents out of order
 */
export async function protectImage(
  store: ContentSink,
  target: Descriptor,
  { platforms = [hostPlatform()] }: ProtectOptions = {},
): Promise<void> {
  const isNeeded = ({ platform }: Descriptor) =>
    platforms === 'all' ||
    platform === undefined ||
    platforms.some((wanted) => rankPlatform(wanted, platform) !== undefined);
  const known = new Set([target.digest]);
  const queue: Part[] = [{ descriptor: target }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { descriptor } = next;
    const document = await readPart(store, next, isNeeded(descriptor));
    if (document === undefined) continue;
    if (isNeeded(descriptor)) await checkParts(store, descriptor, document);
    await store.setLabels(descriptor.digest, labelsFor(document));
    for (const child of document.kind === 'index' ? document.manifests : []) {
      if (known.has(child.digest) || !(isIndexType(child.mediaType) || isManifestType(child.mediaType))) continue;
      known.add(child.digest);
      if (known.size > maxDocuments) {
        throw new GantryError('resource-exhausted', `image ${target.digest}: more than ${maxDocuments} manifests`);
      }
      queue.push({ descriptor: child, parent: descriptor.digest });
    }
  }
}

/** The document, or undefined for one that is missing and not needed. */
async function readPart(
  store: ContentSink,
  { descriptor, parent }: Part,
  isNeeded: boolean,
): Promise<Index | Manifest | undefined> {
  try {
    return parseManifest(await readDocument(store, descriptor.digest), descriptor);
  } catch (error) {
    if (!isKind(error, 'not-found')) throw error;
    if (parent !== undefined && !isNeeded) return undefined;
    throw missing(descriptor, parent ?? 'the archive', error);
  }
}

async function checkParts(store: ContentSink, { digest }: Descriptor, document: Index | Manifest): Promise<void> {
  if (document.kind === 'index') return;
  const { config, layers } = document;
  if (config.size > documentMaxBytes) {
    throw invalidArgument(`manifest ${digest}: its config is larger than ${documentMaxBytes} bytes`);
  }
  for (const part of [config, ...layers]) {
    if (isNonDistributableType(part.mediaType)) continue;
    const { sizeBytes } = await store.info(part.digest).catch((error: unknown) => {
      throw isKind(error, 'not-found') ? missing(part, `manifest ${digest}`, error) : error;
    });
    if (sizeBytes === part.size) continue;
    throw invalidArgument(`manifest ${digest}: blob ${part.digest} has ${sizeBytes} bytes, not ${part.size}`);
  }
}

function labelsFor(document: Index | Manifest): Record<string, string> {
  if (document.kind === 'index') {
    return Object.fromEntries(document.manifests.map((child, n) => [`${gcLabel}.m.${n}`, child.digest]));
  }
  const layers = document.layers.map((layer, n) => [`${gcLabel}.l.${n}`, layer.digest]);
  return Object.fromEntries([[`${gcLabel}.config`, document.config.digest], ...layers]);
}

function missing(part: Descriptor, parent: string, cause: unknown): GantryError {
  const { message } = notFound(`blob ${part.digest}, which ${parent} refers to, is missing`);
  return new GantryError('not-found', message, { cause });
}
