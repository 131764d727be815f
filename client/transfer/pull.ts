import { hostPlatform, type Platform } from '../../image/platform.ts';
import { normalizeReference } from '../../image/reference.ts';
import type { Client } from '../client.ts';
import { findImage, type ImageRecord } from '../image/store.ts';
import { type RegistryOptions, registryImage, storedImage } from './endpoints.ts';
import { type TransferOptions, transfer } from './transfer.ts';

export interface PullOptions extends TransferOptions, RegistryOptions {
  /** Platforms to pull, or `all`; that of this machine if none is given. Of the others only the documents are. */
  platforms?: readonly Platform[] | 'all' | undefined;
  /** False to leave the layers packed. Of `all` platforms, that of this machine is unpacked. */
  unpack?: boolean | undefined;
  /** Where the layers are unpacked; the daemon's own choice if absent. */
  snapshotter?: string | undefined;
  /** Labels of the image record. */
  labels?: Readonly<Record<string, string>> | undefined;
}

/**
 * Has the daemon pull an image from its registry and returns its record, which is there only when all of it is.
 * @throws GantryError not-found, unauthenticated, unavailable … with what the registry said; unimplemented for a daemon that
 *   does not transfer images
 */
export async function pullImage(client: Client, reference: string, options: PullOptions = {}): Promise<ImageRecord> {
  const name = normalizeReference(reference);
  const { platforms = [hostPlatform()], unpack = true, snapshotter = '', labels = {} } = options;
  const toUnpack = platforms === 'all' ? [hostPlatform()] : platforms;
  const store = storedImage({
    name,
    labels: { ...labels },
    platforms: platforms === 'all' ? [] : platforms.map((platform) => ({ ...platform })),
    allMetadata: true,
    unpacks: unpack ? toUnpack.map((platform) => ({ platform: { ...platform }, snapshotter })) : [],
  });
  await transfer(client, registryImage(name, options), store, options);
  return findImage(client, name, { signal: options.signal });
}
