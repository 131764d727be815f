import { type Descriptor, isImageConfigType, isIndexType, isManifestType } from './manifest.ts';

/** Configs of checkpoints of containers, as containerd calls them. */
const checkpointTypes: readonly string[] = [
  'application/vnd.containerd.container.criu.checkpoint.criu.tar',
  'application/vnd.containerd.container.checkpoint.config.v1+proto',
];
const attestationType = 'application/vnd.in-toto+json';
const refNameAnnotation = 'org.opencontainers.image.ref.name';
const gcLabel = 'containerd.io/gc.ref.content';

function isConfig(mediaType: string): boolean {
  return isImageConfigType(mediaType) || checkpointTypes.includes(mediaType);
}

/** Whatever its base type is wrapped in, such as encryption. */
function isLayer(mediaType: string): boolean {
  return /^application\/vnd\.(?:oci\.image\.layer\.|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.gzip|\.zstd)?(?:\+|$)|erofs\.layer\.v1(?:\+|$))/.test(
    mediaType,
  );
}

/** The name of the ingest of what a descriptor leads to, the same for all clients of containerd. */
export function refKey({ mediaType, digest, annotations }: Descriptor): string {
  const name = annotations?.[refNameAnnotation];
  return `${kindOf(mediaType)}-${name === undefined ? digest : `${name}@${digest}`}`;
}

function kindOf(mediaType: string): string {
  if (isManifestType(mediaType)) return 'manifest';
  if (isIndexType(mediaType)) return 'index';
  if (isLayer(mediaType)) return 'layer';
  if (isConfig(mediaType)) return 'config';
  return mediaType === attestationType ? 'attestation' : 'unknown';
}

/** The labels of a document by which garbage collection finds its children, in their order, as containerd sets them. */
export function childLabels(children: readonly Descriptor[]): Record<string, string> {
  const counts = new Map<string, number>();
  const labels: Record<string, string> = {};
  for (const { mediaType, digest } of children) {
    const key = labelFor(mediaType);
    const index = counts.get(key) ?? 0;
    counts.set(key, index + 1);
    labels[index > 0 || key.endsWith('.') ? `${key}${index}` : key] = digest;
  }
  return labels;
}

function labelFor(mediaType: string): string {
  if (isConfig(mediaType)) return `${gcLabel}.config`;
  if (isManifestType(mediaType)) return `${gcLabel}.m.`;
  return isLayer(mediaType) ? `${gcLabel}.l.` : `${gcLabel}.`;
}
