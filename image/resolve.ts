import { GantryError, invalidArgument, isKind, notFound } from '../base/errors.ts';
import { type ImageConfig, parseImageConfig } from './config.ts';
import { type Descriptor, isLayerType, type Manifest, parseManifest } from './manifest.ts';
import { formatPlatform, hostPlatform, type Platform, rankPlatform } from './platform.ts';

const maxDocuments = 100;
/** Platforms that an error lists. */
const maxOffered = 20;

/**
 * Reads an index, manifest or config, checked against its digest, from wherever the image is.
 * @throws GantryError not-found for what is not there
 */
export type ReadDocument = (descriptor: Descriptor) => Promise<Uint8Array>;

/** One image for one platform, its documents read. */
export interface ResolvedImage {
  readonly manifest: Descriptor;
  readonly configDigest: string;
  readonly config: ImageConfig;
  /** The layers of the root file system, bottom first, one per `config.diffIds`. */
  readonly layers: readonly Descriptor[];
  /** Bytes of the config and all layers as they are stored. */
  readonly sizeBytes: number;
}

interface Candidate {
  readonly rank: number;
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
}

/**
 * Finds the manifest below `target` that suits `platform` best, that of this machine if none is given, and reads it and its
 * config.
 * @throws GantryError not-found when none suits or a document is missing; invalid-argument for documents out of order
 */
export async function resolveImage(
  read: ReadDocument,
  target: Descriptor,
  platform: Platform = hostPlatform(),
): Promise<ResolvedImage> {
  const offered = new Set<string>();
  const best = await findManifest(read, target, platform, offered);
  if (best === undefined) {
    const others = offered.size === 0 ? '' : ` (which is for ${[...offered].slice(0, maxOffered).join(', ')})`;
    throw notFound(`manifest for ${formatPlatform(platform)} in ${target.digest}${others}: not found`);
  }
  const { descriptor, manifest } = best;
  const config = parseImageConfig(await read(manifest.config));
  const layers = manifest.layers.filter(({ mediaType }) => isLayerType(mediaType));
  if (layers.length !== config.diffIds.length) {
    throw invalidArgument(
      `manifest ${descriptor.digest}: ${layers.length} layers, but its config tells of ${config.diffIds.length}`,
    );
  }
  const sizeBytes = [manifest.config, ...layers].reduce((sum, { size }) => sum + size, descriptor.size);
  return { manifest: descriptor, configDigest: manifest.config.digest, config, layers, sizeBytes };
}

/** Walks breadth first; every document is read once, however often and deeply it is referred to. */
async function findManifest(
  read: ReadDocument,
  target: Descriptor,
  platform: Platform,
  offered: Set<string>,
): Promise<Candidate | undefined> {
  const seen = new Set<string>();
  const queue: Descriptor[] = [target];
  let best: Candidate | undefined;
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    note(next.platform, offered);
    if (seen.has(next.digest) || !mayRun(next, platform)) continue;
    seen.add(next.digest);
    if (seen.size > maxDocuments) {
      throw new GantryError('resource-exhausted', `index ${target.digest}: more than ${maxDocuments} manifests`);
    }
    const document = parseManifest(await read(next), next);
    if (document.kind === 'index') {
      queue.push(...document.manifests);
      continue;
    }
    const own = next.platform ?? (await platformOf(read, document));
    note(own, offered);
    const rank = own && rankPlatform(platform, own);
    if (rank !== undefined && (best === undefined || rank < best.rank))
      best = { rank, descriptor: next, manifest: document };
    if (best?.rank === 0) break;
  }
  return best;
}

function mayRun(descriptor: Descriptor, platform: Platform): boolean {
  return descriptor.platform === undefined || rankPlatform(platform, descriptor.platform) !== undefined;
}

/** What builders tell of an image is listed as of no platform. */
function note(platform: Platform | undefined, offered: Set<string>): void {
  if (platform !== undefined && platform.os !== 'unknown' && platform.os !== '') offered.add(formatPlatform(platform));
}

/** A descriptor without a platform leaves it to the image's config. */
async function platformOf(read: ReadDocument, manifest: Manifest): Promise<Platform | undefined> {
  try {
    return parseImageConfig(await read(manifest.config)).platform;
  } catch (error) {
    // An artifact whose config is no image config is nothing to run, which does not make its neighbours so.
    if (isKind(error, 'invalid-argument')) return undefined;
    throw error;
  }
}
