import { compressed } from '../../archive/compress.ts';
import { type Compression, compressionOfBlob } from '../../archive/compression.ts';
import { decompressed } from '../../archive/decompress.ts';
import { verified } from '../../archive/documents.ts';
import { uncompressedLabel } from '../../archive/layers.ts';
import type { ContentSink, StoredBlob } from '../../archive/store.ts';
import { wrap } from '../../base/errors.ts';

/**
 * Stores a layer compressed in another way, which is told by its bytes, not its media type. Inflating and deflating happen
 * on threads of their own; what comes out of it is checked against `diffId`. A layer that is as wanted stays.
 * @throws GantryError data-loss or failed-precondition for a layer that is not the one with this diff id
 */
export async function convertLayer(
  store: ContentSink,
  layer: StoredBlob,
  { diffId, compression }: { diffId: string; compression: Compression },
): Promise<StoredBlob> {
  if ((await compressionOfBlob(store, layer.digest)) === compression) return layer;
  const plain = await decompressed(store.read(layer.digest));
  try {
    if (compression === 'none') return await store.write(plain, { digest: diffId });
    return await store.write(compressed(verified(plain, diffId), compression), {
      labels: { [uncompressedLabel]: diffId },
    });
  } catch (error) {
    throw wrap(error, `layer ${layer.digest}`);
  } finally {
    plain.destroy();
  }
}
