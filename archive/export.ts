import type { Descriptor } from '../image/manifest.ts';
import type { Platform } from '../image/platform.ts';
import { membersOf } from './members.ts';
import type { ContentSource } from './store.ts';
import { writeTar } from './tar.ts';

/** An image that is to be exported. */
export interface NamedImage {
  /** Full name, as of its record; an image with several names is given once for each. */
  readonly name: string;
  readonly target: Descriptor;
}

export interface ExportOptions {
  /**
   * Platforms of an index that are put in, best first; that of this machine if there are none. The index itself stays
   * as it is. The first that is found is what Docker gets.
   */
  platforms?: readonly Platform[] | undefined;
  /** Puts in every platform; one that is not all there fails the export. */
  allPlatforms?: boolean | undefined;
  /** Leaves out `manifest.json`, without which Docker and `docker-archive:` do not read the archive. */
  skipCompatibilityManifest?: boolean | undefined;
  /** Leaves out layers that must not be passed on. */
  skipNonDistributable?: boolean | undefined;
  /** Told the bytes of the archive given out so far, and how many there will be. */
  onBytes?: ((writtenBytes: number, totalBytes: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * The bytes of a tar archive that is an OCI layout and also what `docker load` reads. The same images give the same bytes.
 * Memory does not grow with the images; what is not asked for is not read.
 * @throws GantryError not-found for missing blobs and platforms; invalid-argument for targets that are no images; data-loss
 */
export async function* exportArchive(
  source: ContentSource,
  images: readonly NamedImage[],
  options: ExportOptions = {},
): AsyncGenerator<Uint8Array> {
  options.signal?.throwIfAborted();
  yield* writeTar(await membersOf(source, images, options), options);
}
