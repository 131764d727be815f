import { readDocument } from '../../archive/documents.ts';
import { importArchive } from '../../archive/import.ts';
import { protectImage } from '../../archive/protect.ts';
import type { ContentSink } from '../../archive/store.ts';
import { isKind, notFound } from '../../base/errors.ts';
import type { Descriptor } from '../../image/manifest.ts';
import { formatPlatform, type Platform, rankPlatform } from '../../image/platform.ts';
import { type ResolvedImage, resolveImage } from '../../image/resolve.ts';
import type { ImageStore } from '../../proto/gen/api/types/transfer/imagestore.ts';
import type { ImageImportStream } from '../../proto/gen/api/types/transfer/importexport.ts';
import { wireDescriptor } from '../images/progress.ts';
import type { UnpackTo } from '../images/pull.ts';
import { receiveBytes } from './byte-receiver.ts';
import { contentOf } from './content.ts';
import { rfc3339Now, storeImages } from './images.ts';
import { underLease } from './leases.ts';
import { type ImageName, namesInArchive, namesOfTarget } from './names.ts';
import { platformOf } from './platforms.ts';
import { sparingly, step } from './progress.ts';
import { type Transfer, unpacksOf } from './transfer.ts';

/** From an archive that the client sends into the store, as its bytes come. */
export async function importImages(transfer: Transfer, archive: ImageImportStream, store: ImageStore): Promise<void> {
  const { ctx, deps, report, claim } = transfer;
  const { signal } = ctx;
  const bytes = receiveBytes(claim(archive.stream), { signal });
  const platforms = store.platforms.map(platformOf);
  const unpacks = unpacksOf(transfer, store);
  await underLease(ctx, deps, async (held) => {
    report(step('Importing'));
    const content = contentOf(held, deps);
    const reportBytes = sparingly(report);
    const { target, manifests } = await importArchive(content, bytes, {
      compress: archive.forceCompress,
      onBytes: (progress) => reportBytes(step('Importing', { progress })),
      signal,
    });
    requirePlatform(manifests, platforms);
    await protectImage(content, target, { platforms: platforms.length === 0 ? 'all' : platforms });
    for (const to of unpacks) {
      await unpackAll({ ...transfer, ctx: held }, content, manifests, to);
    }
    const now = rfc3339Now(deps.clock);
    await save({ ...transfer, ctx: held }, target, namesOfTarget(store, target, now));
    for (const image of manifests) await save({ ...transfer, ctx: held }, image, namesInArchive(store, image, now));
    report(step('Completed import'));
  });
}

/** An archive may hold more than is wanted, but not nothing of it. */
function requirePlatform(manifests: readonly Descriptor[], platforms: readonly Platform[]): void {
  const isWanted = ({ platform }: Descriptor) =>
    platform === undefined || platforms.some((wanted) => rankPlatform(wanted, platform) !== undefined);
  if (platforms.length === 0 || manifests.length === 0 || manifests.some(isWanted)) return;
  const has = manifests.flatMap(({ platform }) => (platform === undefined ? [] : [formatPlatform(platform)]));
  throw notFound(`image for ${platforms.map(formatPlatform).join(', ')} in the archive, which has ${has.join(', ')}`);
}

/** Stores one of the archive's images under its names; one without any is only kept as part of others. */
async function save({ ctx, deps, report }: Transfer, image: Descriptor, names: readonly ImageName[]): Promise<void> {
  const desc = wireDescriptor(image);
  for (const { name } of await storeImages(ctx, deps.images, image, names)) report(step('saved', { name, desc }));
}

/** Makes the snapshots of each image that there is for the platform. */
async function unpackAll(
  transfer: Transfer,
  content: ContentSink,
  manifests: readonly Descriptor[],
  to: UnpackTo,
): Promise<void> {
  const done = new Set<string>();
  for (const manifest of manifests) {
    if (done.has(manifest.digest)) continue;
    done.add(manifest.digest);
    const image = await resolve(content, manifest, to.platform);
    if (image !== undefined) await unpack(transfer, image, to.snapshotter);
  }
}

async function resolve(
  content: ContentSink,
  target: Descriptor,
  platform: Platform,
): Promise<ResolvedImage | undefined> {
  try {
    return await resolveImage(({ digest }) => readDocument(content, digest), target, platform);
  } catch (error) {
    if (isKind(error, 'not-found')) return undefined;
    throw error;
  }
}

async function unpack({ ctx, deps, report }: Transfer, image: ResolvedImage, snapshotter: string): Promise<void> {
  const { manifest, configDigest, config } = image;
  const layers = image.layers.map((layer, index) => ({
    descriptor: wireDescriptor(layer),
    diffId: config.diffIds[index] ?? '',
  }));
  const parents = [`manifest-${manifest.digest}`];
  const begun: Parameters<typeof step>[1][] = [];
  await deps.unpacker.unpack(ctx, { snapshotter, configDigest, layers }, (layer) => {
    const desc = layers[layer - 1]?.descriptor ?? null;
    const about = { name: `layer-${desc?.digest}`, parents, total: desc?.size ?? 0, desc };
    begun.push({ ...about, progress: about.total });
    report(step('extracting', about));
  });
  for (const about of begun) report(step('extracted', about));
}
