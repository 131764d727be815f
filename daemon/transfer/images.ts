import type { Clock } from '../../base/clock.ts';
import { isKind } from '../../base/errors.ts';
import type { Descriptor } from '../../image/manifest.ts';
import type { Image } from '../../proto/gen/api/services/images/v1/images.ts';
import { rfc3339FromTimestamp, timestampFromNs } from '../../proto/timestamp.ts';
import type { Context } from '../context.ts';
import { wireDescriptor } from '../images/progress.ts';
import type { SavedImage } from '../images/pull.ts';
import type { ImageName } from './names.ts';

/** The records of images. */
export interface ImageRecords {
  get(ctx: Context, name: string): Promise<Image>;
  create(ctx: Context, image: Image): Promise<Image>;
  update(ctx: Context, image: Image, paths: readonly string[]): Promise<Image>;
}

/** Stores a target under all names, whatever they were the names of before. */
export async function storeImages(
  ctx: Context,
  records: ImageRecords,
  target: Descriptor,
  names: readonly ImageName[],
): Promise<SavedImage[]> {
  for (const { name, labels } of names) {
    const image = { name, labels: { ...labels }, target: wireDescriptor(target), createdAt: null, updatedAt: null };
    await storeImage(ctx, records, image);
  }
  return names.map(({ name }) => ({ name, target }));
}

async function storeImage(ctx: Context, records: ImageRecords, image: Image): Promise<void> {
  for (;;) {
    ctx.signal.throwIfAborted();
    try {
      await records.create(ctx, image);
      return;
    } catch (error) {
      if (!isKind(error, 'already-exists')) throw error;
    }
    try {
      await records.update(ctx, image, []);
      return;
    } catch (error) {
      // Somebody has deleted it meanwhile.
      if (!isKind(error, 'not-found')) throw error;
    }
  }
}

/** The time as labels have it. */
export function rfc3339Now(clock: Clock, offsetNs = 0n): string {
  return rfc3339FromTimestamp(timestampFromNs(clock.now() + offsetNs));
}
