import { type ExportOptions as ArchiveOptions, exportArchive, type NamedImage } from '../../archive/export.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { contentOf } from '../content/store.ts';
import { findImage } from '../image/store.ts';

export interface ExportOptions extends CallOptions, ArchiveOptions {}

/**
 * The bytes of a tar archive of images, given by reference (`busybox` finds `docker.io/library/busybox:latest`), several of
 * them in one archive: an OCI layout that `docker load` reads too. Nothing is held in memory; the same images give the same
 * bytes.
 * @throws GantryError not-found for an image, a platform or a blob, before the first byte
 */
export async function* exportImages(
  client: Client,
  references: readonly string[],
  options: ExportOptions = {},
): AsyncGenerator<Uint8Array> {
  const images = new Map<string, NamedImage>();
  for (const reference of references) {
    const { name, target } = await findImage(client, reference, options);
    images.set(name, { name, target });
  }
  yield* exportArchive(contentOf(client, options), [...images.values()], options);
}
