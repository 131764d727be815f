import { importArchive, type ImportOptions as ReadImportOptions } from '../../archive/import.ts';
import { addPrefix, datedPrefix, nameIn, onlyWithPrefix, type Rename } from '../../archive/names.ts';
import { protectImage } from '../../archive/protect.ts';
import { invalidArgument } from '../../base/errors.ts';
import type { Descriptor } from '../../image/manifest.ts';
import type { Platform } from '../../image/platform.ts';
import { normalizeReference } from '../../image/reference.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { contentOf } from '../content/store.ts';
import type { ImageRecord } from '../image/store.ts';
import { putImage } from '../image/store.ts';
import { withLease } from '../lease.ts';

export interface ImportOptions extends CallOptions, ReadImportOptions {
  /** The name for the only image of an archive, instead of the names in it. */
  name?: string | undefined;
  /** What stands before a mere tag; images with other full names are then left out. Otherwise it is `import-DATE`. */
  baseName?: string | undefined;
  /** Makes a record `BASE@DIGEST` of every image too, or of those only that get no other name. */
  digests?: 'all' | 'unnamed' | undefined;
  /** Keeps the index of the archive under this name. */
  indexName?: string | undefined;
  /** Platforms that have to be complete, `all` for every one; that of this machine if none is given. */
  platforms?: readonly Platform[] | 'all' | undefined;
}

interface OfferedImage {
  readonly target: Descriptor;
  readonly names: readonly string[];
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
    const store = contentOf(leased, options);
    const { target, manifests } = await importArchive(store, source, options);
    const index = options.indexName === undefined ? [] : [{ target, names: [normalizeReference(options.indexName)] }];
    const offered = [...index, ...named(manifests, options, index.length > 0)];
    for (const image of offered) await protectImage(store, image.target, options);
    const records: ImageRecord[] = [];
    for (const image of offered) {
      for (const name of image.names) records.push(await putImage(leased, name, image.target, options));
    }
    return records;
  });
}

function named(manifests: readonly Descriptor[], options: ImportOptions, hasIndexName: boolean): OfferedImage[] {
  const offered = offeredImages(manifests, options);
  const { name } = options;
  if (name === undefined) {
    if (hasIndexName || offered.some(({ names }) => names.length > 0)) return offered;
    throw invalidArgument('archive: its images have no names, and none was given');
  }
  const [only, ...others] = offered;
  if (only === undefined || others.length > 0) {
    throw invalidArgument(`archive: has ${offered.length} images, but one name was given`);
  }
  return [{ target: only.target, names: [normalizeReference(name)] }];
}

/** One manifest may be listed once per name. */
function offeredImages(manifests: readonly Descriptor[], { baseName, digests }: ImportOptions): OfferedImage[] {
  const prefix = baseName ?? datedPrefix();
  const rename: Rename = baseName === undefined ? addPrefix(prefix) : onlyWithPrefix(prefix);
  const images = new Map<string, { target: Descriptor; names: Set<string> }>();
  for (const target of manifests) {
    const image = images.get(target.digest) ?? { target, names: new Set() };
    const name = nameIn(target, rename);
    if (name !== undefined) image.names.add(name);
    images.set(target.digest, image);
  }
  for (const { target, names } of images.values()) {
    if (digests === 'all' || (digests === 'unnamed' && names.size === 0)) names.add(`${prefix}@${target.digest}`);
  }
  return [...images.values()].map(({ target, names }) => ({ target, names: [...names] }));
}
