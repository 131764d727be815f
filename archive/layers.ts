import { type Descriptor, mediaTypes } from '../image/manifest.ts';
import { compressed } from './compress.ts';
import { compressionOfBlob } from './compression.ts';
import type { ContentSink, StoredBlob } from './store.ts';

/** Of a blob that is another one compressed: the digest of that. */
export const uncompressedLabel = 'containerd.io/uncompressed';

const layerTypes = {
  none: mediaTypes.dockerLayer,
  gzip: mediaTypes.dockerLayerGzip,
  zstd: mediaTypes.dockerLayerZstd,
} as const;

/**
 * Descriptors for the layers of a docker archive. A plain layer whose compressed form is in the store already is taken in
 * that form, so that an image that was saved and loaded again shares its layers with the one it was.
 */
export async function describeLayers(
  store: ContentSink,
  layers: readonly StoredBlob[],
  { compress = false }: { compress?: boolean | undefined },
): Promise<Descriptor[]> {
  const known = await store.findCompressed([...new Set(layers.map(({ digest }) => digest))]);
  const described = new Map<string, Descriptor>();
  for (const layer of layers) {
    if (described.has(layer.digest)) continue;
    described.set(layer.digest, await describeLayer(store, known.get(layer.digest) ?? layer, compress));
  }
  return layers.flatMap(({ digest }) => described.get(digest) ?? []);
}

async function describeLayer(store: ContentSink, layer: StoredBlob, compress: boolean): Promise<Descriptor> {
  const compression = await compressionOfBlob(store, layer.digest);
  const isCompressed = compress && compression === 'none';
  const { digest, sizeBytes } = isCompressed
    ? await store.write(compressed(store.read(layer.digest), 'gzip'), { labels: { [uncompressedLabel]: layer.digest } })
    : layer;
  return { mediaType: layerTypes[isCompressed ? 'gzip' : compression], digest, size: sizeBytes };
}
