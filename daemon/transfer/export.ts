import { exportArchive } from '../../archive/export.ts';
import { notFound } from '../../base/errors.ts';
import type { ImageStore } from '../../proto/gen/api/types/transfer/imagestore.ts';
import type { ImageExportStream, ImageImportStream } from '../../proto/gen/api/types/transfer/importexport.ts';
import { receiveBytes } from './byte-receiver.ts';
import { ByteSender } from './byte-sender.ts';
import { contentOf } from './content.ts';
import { underLease } from './leases.ts';
import { namesToTake } from './names.ts';
import { platformOf } from './platforms.ts';
import { sparingly, step } from './progress.ts';
import type { Transfer } from './transfer.ts';

/** From the store into an archive that the client takes as it comes. */
export async function exportImages(transfer: Transfer, store: ImageStore, archive: ImageExportStream): Promise<void> {
  const { ctx, deps, report } = transfer;
  await sending(transfer, archive.stream, (sender) =>
    underLease(ctx, deps, async (held) => {
      report(step('Exporting'));
      const images = [];
      for (const name of namesToTake(store)) {
        const { target } = await deps.images.get(held, name);
        if (target === null) throw notFound(`image "${name}" has no target`);
        images.push({ name, target });
      }
      const reportBytes = sparingly(report);
      const chunks = exportArchive(contentOf(held, deps), images, {
        platforms: archive.platforms.map(platformOf),
        allPlatforms: archive.allPlatforms,
        skipCompatibilityManifest: archive.skipCompatibilityManifest,
        skipNonDistributable: archive.skipNonDistributable,
        onBytes: (progress, total) => reportBytes(step('Exporting', { progress, total })),
        signal: held.signal,
      });
      for await (const chunk of chunks) await sender.write(chunk);
      report(step('Completed export'));
    }),
  );
}

/** From an archive into another one as it is, which says whether streams work. */
export async function echo(
  transfer: Transfer,
  source: ImageImportStream,
  destination: ImageExportStream,
): Promise<void> {
  const { signal } = transfer.ctx;
  const bytes = receiveBytes(transfer.claim(source.stream), { signal });
  await sending(transfer, destination.stream, async (sender) => {
    for await (const chunk of bytes) await sender.write(chunk);
  });
}

/** What fails is told on the stream, too: its end would look like that of a whole archive. */
async function sending(
  { ctx, claim }: Transfer,
  name: string,
  body: (sender: ByteSender) => Promise<void>,
): Promise<void> {
  const sender = new ByteSender(claim(name), { signal: ctx.signal });
  try {
    await body(sender);
  } catch (error) {
    void sender.end(error);
    throw error;
  }
  await sender.end();
}
