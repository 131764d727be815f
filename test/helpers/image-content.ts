import type { Descriptor } from '../../image/manifest.ts';
import type { MemoryContent } from './memory-content.ts';

/** Media types by how an image is made. */
export const ociTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;
export const dockerTypes = {
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar',
} as const;

export interface LayerInit {
  readonly bytes: Buffer | string;
  readonly mediaType?: string;
  /** Digest of the plain layer, if `bytes` is compressed. */
  readonly diffId?: string;
}

export type Types = typeof ociTypes | typeof dockerTypes;

/** Stores an image of one platform and describes its manifest. */
export function putImage(
  store: MemoryContent,
  platform: string,
  layers: readonly LayerInit[],
  types: Types = ociTypes,
): Descriptor {
  const [os = '', architecture = '', variant] = platform.split('/');
  const described = layers.map(({ bytes, mediaType = types.layer }) => describe(store, mediaType, bytes));
  const diffIds = layers.map(({ diffId }, n) => diffId ?? described[n]?.digest);
  const config = {
    architecture,
    os,
    ...(variant ? { variant } : {}),
    config: {},
    rootfs: { type: 'layers', diff_ids: diffIds },
  };
  const manifest = describe(store, types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: describe(store, types.config, config),
    layers: described,
  });
  return { ...manifest, platform: { os, architecture, ...(variant ? { variant } : {}) } };
}

/** Stores an index of manifests. */
export function putIndex(store: MemoryContent, manifests: readonly Descriptor[], types: Types = ociTypes): Descriptor {
  return describe(store, types.index, { schemaVersion: 2, mediaType: types.index, manifests });
}

/** Stores a document, or bytes as they are. */
export function describe(store: MemoryContent, mediaType: string, value: object | Buffer | string): Descriptor {
  const bytes =
    typeof value === 'string' || Buffer.isBuffer(value) ? Buffer.from(value) : Buffer.from(JSON.stringify(value));
  return { mediaType, digest: store.put(bytes), size: bytes.length };
}
