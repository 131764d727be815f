import { GantryError } from '../../base/errors.ts';

/** The media type of a layer that is neither compressed nor encrypted. */
export const plainLayerMediaType = 'application/vnd.oci.image.layer.v1.tar';

const ociTypes = new Set([plainLayerMediaType, 'application/vnd.oci.image.layer.nondistributable.v1.tar']);
const dockerTypes = new Set([
  'application/vnd.docker.image.rootfs.diff.tar',
  'application/vnd.docker.image.rootfs.diff.tar.gzip',
  'application/vnd.docker.image.rootfs.diff.tar.zstd',
  'application/vnd.docker.image.rootfs.foreign.diff.tar',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
]);

/** What stands before the tar archive: nothing, or something that its first bytes tell. */
export type LayerCompression = 'none' | 'detect';

/**
 * How to read a layer of this media type; undefined for a type that is no tar layer, or one that has to be decrypted first.
 * Only OCI's plain type is taken at its word: layers of the others are known to be compressed in another way than their
 * type says.
 */
export function layerCompression(mediaType: string): LayerCompression | undefined {
  const [base = '', ...suffixes] = mediaType.split('+');
  const [suffix] = suffixes;
  if (ociTypes.has(base) && suffixes.length === 0) return 'none';
  if (ociTypes.has(base) && suffixes.length === 1 && (suffix === 'gzip' || suffix === 'zstd')) return 'detect';
  return dockerTypes.has(base) && suffixes.length === 0 ? 'detect' : undefined;
}

/** How a new layer of a media type is compressed. */
export type DiffCompression = 'none' | 'gzip' | 'zstd';

const diffTypes: ReadonlyMap<string, DiffCompression> = new Map([
  [plainLayerMediaType, 'none'],
  [`${plainLayerMediaType}+gzip`, 'gzip'],
  [`${plainLayerMediaType}+zstd`, 'zstd'],
]);

/** The media type of a new layer if nobody says otherwise. */
export const defaultDiffMediaType = `${plainLayerMediaType}+gzip`;

/** @throws GantryError unimplemented for a type in which layers are not written */
export function diffCompression(mediaType: string): DiffCompression {
  const compression = diffTypes.get(mediaType);
  if (compression === undefined) {
    throw new GantryError('unimplemented', `unsupported diff media type: ${mediaType}`);
  }
  return compression;
}
