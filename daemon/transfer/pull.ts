import { notFound } from '../../base/errors.ts';
import type { ImageStore } from '../../proto/gen/api/types/transfer/imagestore.ts';
import type { OCIRegistry } from '../../proto/gen/api/types/transfer/registry.ts';
import { rfc3339Now, storeImages } from './images.ts';
import { namesOfTarget } from './names.ts';
import { platformOf } from './platforms.ts';
import { objectOf, openRepository } from './registry.ts';
import { type Transfer, unpacksOf } from './transfer.ts';

/** From a registry into the store. */
export async function pull(transfer: Transfer, source: OCIRegistry, store: ImageStore): Promise<void> {
  const { ctx, deps, report } = transfer;
  const { repository, reference, name: sourceName } = await openRepository(transfer, source);
  if (!isNamed(store)) throw notFound('no image name found');
  await deps.puller.pull(ctx, {
    source: repository,
    sourceName,
    tagOrDigest: objectOf(reference),
    name: source.reference,
    platforms: store.platforms.map(platformOf),
    allMetadata: store.allMetadata,
    manifestLimit: store.manifestLimit,
    unpacks: unpacksOf(transfer, store),
    save: (held, target) => {
      const names = namesOfTarget(store, target, rfc3339Now(deps.clock));
      return storeImages(held, deps.images, target, names);
    },
    onProgress: report,
  });
}

/** Whether something pulled would get a name. */
const isNamed = ({ name, extraReferences }: ImageStore) =>
  name !== '' || extraReferences.some(({ isPrefix, addDigest }) => addDigest || !isPrefix);
