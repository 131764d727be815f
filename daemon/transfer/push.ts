import { notFound } from '../../base/errors.ts';
import type { ImageStore } from '../../proto/gen/api/types/transfer/imagestore.ts';
import type { OCIRegistry } from '../../proto/gen/api/types/transfer/registry.ts';
import { platformOf } from './platforms.ts';
import { openRepository } from './registry.ts';
import type { Transfer } from './transfer.ts';

/** From the store to a registry. */
export async function push(transfer: Transfer, store: ImageStore, target: OCIRegistry): Promise<void> {
  const { ctx, deps, report } = transfer;
  const { repository, reference, name: targetName } = await openRepository(transfer, target);
  const image = await deps.images.get(ctx, store.name);
  if (image.target === null) throw notFound(`image "${store.name}" has no target`);
  await deps.pusher.push(ctx, {
    target: repository,
    targetName,
    ...(reference.tag === undefined ? {} : { tag: reference.tag }),
    name: image.name,
    image: image.target,
    platforms: store.platforms.map(platformOf),
    onProgress: report,
  });
}
