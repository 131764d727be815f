import { readDocument } from '../../archive/documents.ts';
import type { ContentSink } from '../../archive/store.ts';
import { invalidArgument, isKind, notFound } from '../../base/errors.ts';
import { parseImageConfig } from '../../image/config.ts';
import { type Descriptor, isNonDistributableType, mediaTypes } from '../../image/manifest.ts';
import { formatPlatform } from '../../image/platform.ts';
import { descriptorsIn, type FullDescriptor, readFull, writeFull } from './document.ts';

/** An image of which an index is to be made. */
export interface MergedImage {
  readonly name: string;
  readonly target: Descriptor;
}

/**
 * Stores one index of what is there of all these images, each platform once, in their order.
 * @throws GantryError invalid-argument for a platform that two of them have; not-found for an image of which nothing is
 * there
 */
export async function mergeIndex(store: ContentSink, images: readonly MergedImage[]): Promise<Descriptor> {
  const manifests = new Map<string, FullDescriptor>();
  const owners = new Map<string, string>();
  for (const { name, target } of images) {
    const own = await manifestsOf(store, target);
    if (own.length === 0) throw notFound(`image ${name}: no manifest of it is there with all its parts`);
    for (const manifest of own) {
      if (manifests.has(manifest.digest)) continue;
      const platform = manifest.platform === undefined ? undefined : formatPlatform(manifest.platform);
      const owner = platform === undefined ? undefined : owners.get(platform);
      // Attestations of several manifests have the same, unknown, platform.
      if (owner !== undefined && manifest.platform?.os !== 'unknown') {
        throw invalidArgument(`images ${owner} and ${name} are both for ${platform}`);
      }
      if (platform !== undefined) owners.set(platform, name);
      manifests.set(manifest.digest, manifest);
    }
  }
  const isDocker = [...manifests.values()].every(({ mediaType }) => mediaType === mediaTypes.dockerManifest);
  const mediaType = isDocker ? mediaTypes.dockerList : mediaTypes.ociIndex;
  return writeFull(store, { schemaVersion: 2, mediaType, manifests: [...manifests.values()] }, mediaType);
}

/** The manifests of an image that are there with everything they refer to. */
async function manifestsOf(store: ContentSink, target: Descriptor): Promise<FullDescriptor[]> {
  const document = await readFull(store, target);
  if (document.parsed.kind === 'manifest') return [await withPlatform(store, target, document.parsed.config)];
  const found: FullDescriptor[] = [];
  for (const child of descriptorsIn(document.fields, 'manifests')) {
    if (await isComplete(store, child)) found.push(child);
  }
  return found;
}

/** What an index tells of a manifest, by its config; its name is that of the image. */
async function withPlatform(store: ContentSink, target: Descriptor, config: Descriptor): Promise<FullDescriptor> {
  const { mediaType, digest, size } = target;
  const { platform } = parseImageConfig(await readDocument(store, config.digest));
  return { mediaType, digest, size, platform };
}

async function isComplete(store: ContentSink, descriptor: Descriptor): Promise<boolean> {
  try {
    const { parsed } = await readFull(store, descriptor);
    const parts = parsed.kind === 'index' ? parsed.manifests : [parsed.config, ...parsed.layers];
    for (const part of parts) if (!isNonDistributableType(part.mediaType)) await store.info(part.digest);
    return true;
  } catch (error) {
    if (isKind(error, 'not-found')) return false;
    throw error;
  }
}
