import type { LayerEntry } from '../../scripts/busybox-image.ts';
import type { OciImage } from './oci-image.ts';

/** An image and the annotations by which an archive names it. */
export interface ArchivedImage {
  readonly image: OciImage;
  /** Full name, for containerd's annotation. */
  readonly name?: string;
  /** For OCI's annotation. */
  readonly ref?: string;
}

/** Path of a blob in an image layout. */
export const blobPath = (digest: string) => `blobs/${digest.replace(':', '/')}`;

/** Entries of an archive that is an OCI layout of these images; `without` are digests of blobs that it lacks. */
export function layoutEntries(images: readonly ArchivedImage[], without: readonly string[] = []): LayerEntry[] {
  const manifests = images.map(({ image, name, ref }) => ({
    ...image.root,
    annotations: {
      ...(name === undefined ? {} : { 'io.containerd.image.name': name }),
      ...(ref === undefined ? {} : { 'org.opencontainers.image.ref.name': ref }),
    },
  }));
  const blobs = new Map(images.flatMap(({ image }) => [...image.blobs]));
  return [
    { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
    { name: 'index.json', content: JSON.stringify({ schemaVersion: 2, manifests }) },
    ...[...blobs]
      .filter(([digest]) => !without.includes(digest))
      .map(([digest, content]) => ({ name: blobPath(digest), content })),
  ];
}
