import { invalidArgument } from '../../base/errors.ts';
import { normalizeReference } from '../../image/reference.ts';
import type { Client } from '../client.ts';
import type { ImageRecord } from '../image/store.ts';
import { putImage } from '../image/store.ts';
import { withLease } from '../lease.ts';
import { type ArchiveOptions, storeArchive } from './archive.ts';
import { type OfferedImage, offeredImages } from './documents.ts';
import { protectImage } from './protect.ts';

export interface ImportOptions extends ArchiveOptions {
  /** The name for the only image of an archive, instead of the names in it. */
  name?: string | undefined;
}

/**
 * Imports the images of a tar archive, an OCI layout or what `docker save` writes, compressed or not. Image records are
 * made last: a failure leaves nothing visible, and what was stored until then is collected with the lease.
 */
export async function importImages(
  client: Client,
  source: AsyncIterable<Uint8Array>,
  options: ImportOptions = {},
): Promise<ImageRecord[]> {
  return withLease(client, options, async (leased) => {
    const archive = await storeArchive(leased, source, options);
    const offered = named(await offeredImages(leased, archive, tagPrefix(), options), options.name);
    for (const { target } of offered) await protectImage(leased, target, options);
    const records: ImageRecord[] = [];
    for (const { target, names } of offered) {
      for (const name of names) records.push(await putImage(leased, name, target, options));
    }
    return records;
  });
}

function named(offered: readonly OfferedImage[], name: string | undefined): readonly OfferedImage[] {
  if (name === undefined) {
    if (offered.some(({ names }) => names.length > 0)) return offered;
    throw invalidArgument('archive: its images have no names, and none was given');
  }
  const [only, ...others] = offered;
  if (only === undefined || others.length > 0) {
    throw invalidArgument(`archive: has ${offered.length} images, but one name was given`);
  }
  return [{ target: only.target, names: [normalizeReference(name)] }];
}

/** What stands before a mere tag; the same as ctr's, so that both name an archive's images alike. */
function tagPrefix(): string {
  return `import-${new Date().toISOString().slice(0, 10)}`;
}
