import { GantryError, invalidArgument, isKind, notFound } from '../../base/errors.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { readDocument } from '../content/read.ts';
import { type ImageConfig, parseImageConfig } from './config.ts';
import { type Descriptor, isLayerType, type Manifest, parseManifest } from './manifest.ts';
import { formatPlatform, hostPlatform, type Platform, rankPlatform } from './platform.ts';

const maxDocuments = 100;

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
 * Finds the manifest below `target` that suits `platform` best and reads it and its config.
 * @throws GantryError not-found when none suits or a document is missing; invalid-argument for documents out of order
 */
export async function resolveImage(
  client: Client,
  target: Descriptor,
  options: CallOptions & { platform?: Platform } = {},
): Promise<ResolvedImage> {
  const platform = options.platform ?? hostPlatform();
  const best = await findManifest(client, target, platform, options);
  if (best === undefined) throw notFound(`manifest for ${formatPlatform(platform)} in ${target.digest}: not found`);
  const { descriptor, manifest } = best;
  const config = parseImageConfig(await readDocument(client, manifest.config.digest, options));
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
  client: Client,
  target: Descriptor,
  platform: Platform,
  options: CallOptions,
): Promise<Candidate | undefined> {
  const seen = new Set<string>();
  const queue: Descriptor[] = [target];
  let best: Candidate | undefined;
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (seen.has(next.digest) || !mayRun(next, platform)) continue;
    seen.add(next.digest);
    if (seen.size > maxDocuments) {
      throw new GantryError('resource-exhausted', `index ${target.digest}: more than ${maxDocuments} manifests`);
    }
    const document = parseManifest(await readDocument(client, next.digest, options), next);
    if (document.kind === 'index') {
      queue.push(...document.manifests);
      continue;
    }
    const rank = await rankManifest(client, next, document, platform, options);
    if (rank !== undefined && (best === undefined || rank < best.rank))
      best = { rank, descriptor: next, manifest: document };
    if (best?.rank === 0) break;
  }
  return best;
}

function mayRun(descriptor: Descriptor, platform: Platform): boolean {
  return descriptor.platform === undefined || rankPlatform(platform, descriptor.platform) !== undefined;
}

/** A descriptor without a platform leaves it to the image's config. */
async function rankManifest(
  client: Client,
  descriptor: Descriptor,
  manifest: Manifest,
  platform: Platform,
  options: CallOptions,
): Promise<number | undefined> {
  if (descriptor.platform !== undefined) return rankPlatform(platform, descriptor.platform);
  try {
    const config = parseImageConfig(await readDocument(client, manifest.config.digest, options));
    return rankPlatform(platform, config.platform);
  } catch (error) {
    // An artifact whose config is no image config is nothing to run, which does not make its neighbours so.
    if (isKind(error, 'invalid-argument')) return undefined;
    throw error;
  }
}
