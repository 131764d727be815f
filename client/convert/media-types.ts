import type { Compression } from '../../archive/compression.ts';
import { mediaTypes } from '../../image/manifest.ts';

const dockerLayer = mediaTypes.dockerLayer;
const ociLayer = 'application/vnd.oci.image.layer.v1.tar';
const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar';
const nonDistributable = 'application/vnd.oci.image.layer.nondistributable.v1.tar';

const dockerSuffixes: Readonly<Record<Compression, string>> = { none: '', gzip: '.gzip', zstd: '.zstd' };
const ociSuffixes: Readonly<Record<Compression, string>> = { none: '', gzip: '+gzip', zstd: '+zstd' };

const ociTypes: Readonly<Record<string, string>> = {
  [mediaTypes.dockerList]: mediaTypes.ociIndex,
  [mediaTypes.dockerManifest]: mediaTypes.ociManifest,
  [mediaTypes.dockerConfig]: mediaTypes.ociConfig,
  [dockerLayer]: ociLayer,
  [`${dockerLayer}.gzip`]: `${ociLayer}+gzip`,
  [`${dockerLayer}.zstd`]: `${ociLayer}+zstd`,
  [foreign]: nonDistributable,
  [`${foreign}.gzip`]: `${nonDistributable}+gzip`,
};

/** Whether a media type is one of Docker's that OCI has under another name. */
export function isDockerType(mediaType: string): boolean {
  return Object.hasOwn(ociTypes, mediaType);
}

/** OCI's name for a media type of Docker's; any other stays. */
export function toOciType(mediaType: string): string {
  return isDockerType(mediaType) ? (ociTypes[mediaType] ?? mediaType) : mediaType;
}

/**
 * The media type of a layer whose compression has been changed; undefined for a layer that is left alone: those that are
 * encrypted or no tar archive, and those that only their owner passes on, by URLs that lead to the bytes as they are.
 */
export function withCompression(mediaType: string, compression: Compression): string | undefined {
  for (const [base, suffixes] of [[dockerLayer, dockerSuffixes] as const, [ociLayer, ociSuffixes] as const]) {
    if (Object.values(suffixes).some((suffix) => mediaType === base + suffix)) return base + suffixes[compression];
  }
  return undefined;
}
