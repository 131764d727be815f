import type { Descriptor } from '../../image/manifest.ts';
import type { Platform } from '../../image/platform.ts';
import { type ResolvedImage, resolveImage as resolveDocuments } from '../../image/resolve.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { readDocument } from '../content/read.ts';

export type { ResolvedImage };

/**
 * Finds the manifest below `target` that suits `platform` best and reads it and its config.
 * @throws GantryError not-found when none suits or a document is missing; invalid-argument for documents out of order
 */
export function resolveImage(
  client: Client,
  target: Descriptor,
  { platform, ...options }: CallOptions & { platform?: Platform } = {},
): Promise<ResolvedImage> {
  return resolveDocuments(({ digest }) => readDocument(client, digest, options), target, platform);
}
