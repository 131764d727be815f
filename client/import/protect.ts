import { GantryError, isKind, notFound } from '../../base/errors.ts';
import {
  type Descriptor,
  type Index,
  isIndexType,
  isManifestType,
  type Manifest,
  parseManifest,
} from '../../image/manifest.ts';
import { hostPlatform, rankPlatform } from '../../image/platform.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { readDocument } from '../content/read.ts';

const maxDocuments = 1_000;
const gcLabel = 'containerd.io/gc.ref.content';

/**
 * Gives every index and manifest below `target` the labels by which garbage collection finds their parts, after seeing
 * that the parts are there. Parts for other platforms may be missing: an archive need not hold all of a big index.
 * @throws GantryError not-found, naming the missing blob and who refers to it
 */
export async function protectImage(client: Client, target: Descriptor, options: CallOptions = {}): Promise<void> {
  const seen = new Set<string>();
  const queue: { descriptor: Descriptor; parent?: string }[] = [{ descriptor: target }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { descriptor } = next;
    if (seen.has(descriptor.digest)) continue;
    seen.add(descriptor.digest);
    if (seen.size > maxDocuments) {
      throw new GantryError('resource-exhausted', `image ${target.digest}: more than ${maxDocuments} manifests`);
    }
    const document = await readPart(client, next, options);
    if (document === undefined) continue;
    const isNeeded =
      descriptor.platform === undefined || rankPlatform(hostPlatform(), descriptor.platform) !== undefined;
    const labels = await labelsFor(client, descriptor, document, { ...options, isNeeded });
    await setLabels(client, descriptor.digest, labels, options);
    if (document.kind === 'index') {
      const documents = document.manifests.filter(
        ({ mediaType }) => isIndexType(mediaType) || isManifestType(mediaType),
      );
      queue.push(...documents.map((child) => ({ descriptor: child, parent: descriptor.digest })));
    }
  }
}

/** The document, or undefined for one that is missing and not needed here. */
async function readPart(
  client: Client,
  { descriptor, parent }: { descriptor: Descriptor; parent?: string },
  options: CallOptions,
): Promise<Index | Manifest | undefined> {
  try {
    return parseManifest(await readDocument(client, descriptor.digest, options), descriptor);
  } catch (error) {
    if (!isKind(error, 'not-found')) throw error;
    const isForeign =
      descriptor.platform !== undefined && rankPlatform(hostPlatform(), descriptor.platform) === undefined;
    if (parent !== undefined && isForeign) return undefined;
    throw missing(descriptor, parent ?? 'the archive', error);
  }
}

async function labelsFor(
  client: Client,
  { digest }: Descriptor,
  document: Index | Manifest,
  { isNeeded, ...options }: CallOptions & { isNeeded: boolean },
): Promise<Record<string, string>> {
  if (document.kind === 'index') {
    return Object.fromEntries(document.manifests.map((child, n) => [`${gcLabel}.m.${n}`, child.digest]));
  }
  const content = client.service('containerd.services.content.v1.Content');
  for (const part of isNeeded ? [document.config, ...document.layers] : []) {
    await content.Info({ digest: part.digest }, options).catch((error: unknown) => {
      throw isKind(error, 'not-found') ? missing(part, `manifest ${digest}`, error) : error;
    });
  }
  const layers = document.layers.map((layer, n) => [`${gcLabel}.l.${n}`, layer.digest]);
  return Object.fromEntries([[`${gcLabel}.config`, document.config.digest], ...layers]);
}

/** Sets labels one by one in the mask, so that labels of others stay. */
export async function setLabels(
  client: Client,
  digest: string,
  labels: Record<string, string>,
  options: CallOptions = {},
): Promise<void> {
  const content = client.service('containerd.services.content.v1.Content');
  const paths = Object.keys(labels).map((key) => `labels.${key}`);
  if (paths.length > 0) await content.Update({ info: { digest, labels }, updateMask: { paths } }, options);
}

function missing(part: Descriptor, parent: string, cause: unknown): GantryError {
  const { message } = notFound(`blob ${part.digest}, which ${parent} refers to, is missing`);
  return new GantryError('not-found', message, { cause });
}
