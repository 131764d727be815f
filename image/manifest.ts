import { isDigest } from '../base/digest.ts';
import { invalidArgument } from '../base/errors.ts';
import type { Platform } from './platform.ts';

/** A reference to a blob, in the words of the OCI image spec. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Where else the bytes are, for layers that registries may not hand on. */
  readonly urls?: readonly string[];
  /** What an artifact is, in lists of what refers to an image. */
  readonly artifactType?: string;
}

export interface Manifest {
  readonly kind: 'manifest';
  readonly config: Descriptor;
  /** Bottom first. */
  readonly layers: readonly Descriptor[];
}

export interface Index {
  readonly kind: 'index';
  readonly manifests: readonly Descriptor[];
}

export const mediaTypes = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerLayerZstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
} as const;

const maxChildren = 1_000;
const maxShownLength = 200;
/** Lists, objects and their members in a document: some twenty per descriptor. In memory each takes many times its text. */
const maxParts = 100_000;
const maxUrls = 10;

export function isIndexType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerList;
}

export function isManifestType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociManifest || mediaType === mediaTypes.dockerManifest;
}

/** Whether a manifest's layer is part of the root file system, not some other artifact. */
export function isLayerType(mediaType: string): boolean {
  return /^application\/vnd\.(?:oci\.image\.layer\.(?:nondistributable\.)?v1\.|docker\.image\.rootfs\.(?:foreign\.)?diff\.)/.test(
    mediaType,
  );
}

/** Whether it is the configuration of something to run, not of some other artifact. */
export function isImageConfigType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociConfig || mediaType === mediaTypes.dockerConfig;
}

/** Whether a layer may be had from its owner only. */
export function isNonDistributableType(mediaType: string): boolean {
  return /^application\/vnd\.(?:oci\.image\.layer\.nondistributable|docker\.image\.rootfs\.foreign)\./.test(mediaType);
}

/**
 * Reads an index or manifest. Which of the two is decided by the descriptor that led here, never by the bytes, and a document
 * that could be read as both is refused.
 * @throws GantryError invalid-argument, naming the digest
 */
export function parseManifest(bytes: Uint8Array, { mediaType, digest }: Descriptor): Index | Manifest {
  const document = parseObject(bytes, digest);
  const has = (key: string) => document[key] !== undefined && document[key] !== null;
  if (has('manifests') && (has('layers') || has('config'))) throw bad(digest, 'it is both an index and a manifest');
  if (has('mediaType') && document['mediaType'] !== mediaType) {
    throw bad(digest, `its media type is ${shown(document['mediaType'])}, not ${mediaType}`);
  }
  if (isIndexType(mediaType)) return { kind: 'index', manifests: descriptors(document['manifests'], digest) };
  if (!isManifestType(mediaType)) throw bad(digest, `${mediaType} is no kind of manifest`);
  return {
    kind: 'manifest',
    config: descriptor(document['config'], digest),
    layers: descriptors(document['layers'], digest),
  };
}

function parseObject(bytes: Uint8Array, digest: string): Record<string, unknown> {
  if (hasMoreParts(bytes, maxParts)) throw bad(digest, `it has more than ${maxParts} parts`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw bad(digest, `it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(value)) throw bad(digest, 'it is not a JSON object');
  return value;
}

/** Commas and opening brackets, which texts within may have too. */
function hasMoreParts(bytes: Uint8Array, most: number): boolean {
  let parts = 0;
  for (const byte of bytes) {
    if (byte === 0x2c || byte === 0x5b || byte === 0x7b) parts += 1;
    if (parts > most) return true;
  }
  return false;
}

function descriptors(value: unknown, digest: string): Descriptor[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw bad(digest, 'its descriptors are not a list');
  if (value.length > maxChildren) throw bad(digest, `it has more than ${maxChildren} descriptors`);
  return value.map((item) => descriptor(item, digest));
}

function descriptor(value: unknown, digest: string): Descriptor {
  if (!isObject(value)) throw bad(digest, 'a descriptor is not an object');
  const {
    mediaType,
    digest: target,
    size,
    platform,
    annotations,
    urls,
    artifactType,
  } = value as Record<string, unknown> & Descriptor;
  if (typeof target !== 'string' || !isDigest(target)) throw bad(digest, `a descriptor has digest ${shown(target)}`);
  if (!Number.isSafeInteger(size) || size < 0) throw bad(digest, `descriptor ${target} has size ${shown(size)}`);
  if (typeof mediaType !== 'string') throw bad(digest, `descriptor ${target} has no media type`);
  return {
    mediaType,
    digest: target,
    size,
    ...(isPlatform(platform) ? { platform: pickPlatform(platform) } : {}),
    ...(isObject(annotations) ? { annotations: strings(annotations) } : {}),
    ...(Array.isArray(urls) ? { urls: urls.filter((url) => typeof url === 'string').slice(0, maxUrls) } : {}),
    ...(typeof artifactType === 'string' ? { artifactType } : {}),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlatform(value: unknown): value is Platform {
  return isObject(value) && typeof value['os'] === 'string' && typeof value['architecture'] === 'string';
}

function pickPlatform({ os, architecture, variant }: Platform): Platform {
  return { os, architecture, ...(typeof variant === 'string' && variant !== '' ? { variant } : {}) };
}

function strings(record: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** What a document says, which may be anything of any length. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'missing');
  return text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text;
}

function bad(digest: string, why: string) {
  return invalidArgument(`manifest ${digest}: ${why}`);
}
