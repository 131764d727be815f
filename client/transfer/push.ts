import type { Platform } from '../../image/platform.ts';
import { normalizeReference } from '../../image/reference.ts';
import type { Client } from '../client.ts';
import { findImage, type ImageRecord } from '../image/store.ts';
import { type RegistryOptions, registryImage, storedImage } from './endpoints.ts';
import { type TransferOptions, transfer } from './transfer.ts';

export interface PushOptions extends TransferOptions, RegistryOptions {
  /** Reference to push to; that of the image if absent. */
  target?: string | undefined;
  /** Parts of an index to push besides itself; all that there are if none is given. */
  platforms?: readonly Platform[] | undefined;
}

/**
 * Has the daemon push an image to a registry and returns its record.
 * @throws GantryError not-found for an image or content that is not there; unauthenticated, permission-denied, unavailable …
 *   with what the registry said; unimplemented for a daemon that does not transfer images
 */
export async function pushImage(client: Client, reference: string, options: PushOptions = {}): Promise<ImageRecord> {
  const image = await findImage(client, reference, { signal: options.signal });
  const { platforms = [], target = image.name } = options;
  const source = storedImage({ name: image.name, platforms: platforms.map((platform) => ({ ...platform })) });
  await transfer(client, source, registryImage(normalizeReference(target), options), options);
  return image;
}
