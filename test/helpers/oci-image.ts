import { createHash } from 'node:crypto';
import { arch } from 'node:os';
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Descriptor } from '../../image/manifest.ts';
import { mediaTypes } from '../../image/manifest.ts';
import { type BusyboxImageOptions, busyboxImage, type LayerEntry, tarOf } from '../../scripts/busybox-image.ts';

/** An image, or an index of images, with all of its blobs in memory. */
export interface OciImage {
  /** The manifest or index that names all. */
  readonly root: Descriptor;
  /** By digest, the root's own bytes included. */
  readonly blobs: ReadonlyMap<string, Buffer>;
}

/** What to make of an image of plain layers. */
export interface OciImageOptions {
  /** Uncompressed tar files, bottom first. */
  readonly layers: readonly Buffer[];
  /** Default is this machine's. */
  readonly architecture?: string;
  /** Fields added to the image configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Media types of the OCI, the default, or of Docker. */
  readonly types?: 'oci' | 'docker';
  /** Of the layers; default gzip. */
  readonly compression?: keyof typeof compressors;
}

const typesOf = {
  oci: {
    manifest: mediaTypes.ociManifest,
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar',
  },
  docker: {
    manifest: mediaTypes.dockerManifest,
    config: mediaTypes.dockerConfig,
    layer: mediaTypes.dockerLayer,
  },
} as const;

const compressors = {
  gzip: { compress: (tar: Buffer) => gzipSync(tar, { level: 1 }), oci: '+gzip', docker: '.gzip' },
  zstd: { compress: (tar: Buffer) => zstdCompressSync(tar), oci: '+zstd', docker: '.zstd' },
  none: { compress: (tar: Buffer) => tar, oci: '', docker: '' },
} as const;

/** What the OCI and Go call this machine's processor. */
export const machineArchitecture = { x64: 'amd64', arm64: 'arm64' }[arch() as string] ?? arch();

export const sha256 = (bytes: Buffer | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Bytes that no compressor shrinks, the same for the same seed. */
export function noise(seed: string, sizeBytes: number): Buffer {
  return createHash('shake256', { outputLength: sizeBytes }).update(seed).digest();
}

/** A layer of one file of noise. */
export async function noiseLayer(name: string, sizeBytes: number): Promise<Buffer> {
  return tarOf([{ name, content: noise(name, sizeBytes) }]);
}

export function describe(mediaType: string, bytes: Buffer): Descriptor {
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}

/** An image of one platform. */
export function ociImage(options: OciImageOptions): OciImage {
  const { types: family = 'oci', compression = 'gzip' } = options;
  const types = typesOf[family];
  const layerType = types.layer + compressors[compression][family];
  const layers = options.layers.map(compressors[compression].compress);
  const config = Buffer.from(
    JSON.stringify({
      architecture: options.architecture ?? machineArchitecture,
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: options.layers.map(sha256) },
      ...options.config,
    }),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: describe(types.config, config),
    layers: layers.map((layer) => describe(layerType, layer)),
  };
  return document(types.manifest, manifest, [...layers, config]);
}

/** An index of images, each with its platform. */
export function ociIndex(images: readonly { readonly image: OciImage; readonly architecture: string }[]): OciImage {
  const manifests = images.map(({ image, architecture }) => ({
    ...image.root,
    platform: { os: 'linux', architecture },
  }));
  const blobs = images.flatMap(({ image }) => [...image.blobs.values()]);
  return document(mediaTypes.ociIndex, { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }, blobs);
}

/** Any JSON document as the root of blobs; what it says need not be true. */
export function document(mediaType: string, content: object, blobs: readonly Buffer[]): OciImage {
  const bytes = Buffer.from(JSON.stringify(content));
  return {
    root: describe(mediaType, bytes),
    blobs: new Map([...blobs, bytes].map((blob) => [sha256(blob), blob])),
  };
}

/** The image of busybox that containers can run. */
export async function busyboxOciImage(options: BusyboxImageOptions = {}): Promise<OciImage> {
  const entries = await busyboxImage(options);
  const { manifests } = JSON.parse(String(contentOf(entries, 'index.json'))) as { manifests: [Descriptor] };
  const { annotations: _, ...root } = manifests[0];
  const blobs = entries
    .filter(({ name }) => name.startsWith('blobs/'))
    .map(({ content }) => Buffer.from(content ?? ''));
  return { root, blobs: new Map(blobs.map((blob) => [sha256(blob), blob])) };
}

/** The one layer of busybox, not compressed. */
export async function busyboxLayer(): Promise<Buffer> {
  const { blobs } = await busyboxOciImage();
  const [largest] = [...blobs.values()].sort((a, b) => b.length - a.length);
  return gunzipSync(largest as Buffer);
}

function contentOf(entries: readonly LayerEntry[], name: string) {
  return entries.find((entry) => entry.name === name)?.content ?? '';
}
