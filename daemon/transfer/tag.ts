import { notFound } from '../../base/errors.ts';
import type { ImageStore } from '../../proto/gen/api/types/transfer/imagestore.ts';
import { rfc3339Now, storeImages } from './images.ts';
import { underLease } from './leases.ts';
import { namesOfTarget } from './names.ts';
import type { Transfer } from './transfer.ts';

/** Gives an image further names. */
export async function tag({ ctx, deps }: Transfer, source: ImageStore, store: ImageStore): Promise<void> {
  await underLease(ctx, deps, async (held) => {
    const { target } = await deps.images.get(held, source.name);
    if (target === null) throw notFound(`image "${source.name}" has no target`);
    const names = namesOfTarget(store, target, rfc3339Now(deps.clock));
    if (names.length === 0) throw notFound('no image name found');
    await storeImages(held, deps.images, target, names);
  });
}
