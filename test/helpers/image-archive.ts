import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { execa } from 'execa';

export interface ImageArchiveOptions {
  /** Name under which it is imported. */
  readonly name: string;
  /** Paths of uncompressed tar files, bottom first. */
  readonly layers: readonly string[];
  /** How they are compressed; with `gzipped` they are already, and are taken as they are. */
  readonly compression: 'gzip' | 'zstd' | 'gzipped';
  /** What the image says of its layers, if not the truth. */
  readonly diffIds?: readonly string[];
}

export interface ImageArchive {
  /** Digest of the manifest, by which `ctr snapshots unpack` knows the image. */
  readonly digest: string;
  /** Names of the snapshots that unpacking leaves, bottom first. */
  readonly chainIds: readonly string[];
  /** Of the layers as they are compressed, bottom first. */
  readonly blobs: readonly string[];
}

interface Described {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const platforms: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

const hexOf = (hash: Hash) => hash.digest('hex');
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

function hashing(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

/** Makes an image of layers, however large they are, and packs it for `ctr images import`. */
export async function writeImageArchive(path: string, options: ImageArchiveOptions): Promise<ImageArchive> {
  const layout = await mkdtemp(join(dirname(path), 'layout-'));
  try {
    return await pack(path, layout, options);
  } finally {
    await rm(layout, { recursive: true });
  }
}

async function pack(path: string, layout: string, options: ImageArchiveOptions): Promise<ImageArchive> {
  const blobs = join(layout, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const layers: Described[] = [];
  const diffIds: string[] = [];
  for (const layer of options.layers) {
    const { blob, diffId } = await compress(layer, blobs, options.compression);
    layers.push(blob);
    diffIds.push(diffId);
  }
  const config = await writeBlob(blobs, 'application/vnd.oci.image.config.v1+json', {
    architecture: platforms[arch()] ?? arch(),
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: options.diffIds ?? diffIds },
  });
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = await writeBlob(blobs, mediaType, { schemaVersion: 2, mediaType, config, layers });
  const annotations = { 'io.containerd.image.name': options.name, 'org.opencontainers.image.ref.name': 'latest' };
  const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] };
  await writeFile(join(layout, 'index.json'), JSON.stringify(index));
  await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await execa('tar', ['-C', layout, '-cf', path, 'oci-layout', 'index.json', 'blobs']);
  return { digest: manifest.digest, chainIds: chainIdsOf(diffIds), blobs: layers.map(({ digest }) => digest) };
}

async function compress(tar: string, blobs: string, compression: ImageArchiveOptions['compression']) {
  const [plain, compressed] = [createHash('sha256'), createHash('sha256')];
  const compressor = { gzip: createGzip, zstd: createZstdCompress, gzipped: () => new PassThrough() }[compression]();
  const temporary = join(blobs, 'new');
  await pipeline(
    createReadStream(tar, { highWaterMark: 1 << 20 }),
    hashing(plain),
    compressor,
    hashing(compressed),
    createWriteStream(temporary),
  );
  const hex = hexOf(compressed);
  const { size } = await stat(temporary);
  await rename(temporary, join(blobs, hex));
  const suffix = compression === 'zstd' ? 'zstd' : 'gzip';
  const blob = { mediaType: `application/vnd.oci.image.layer.v1.tar+${suffix}`, digest: `sha256:${hex}`, size };
  return { blob, diffId: `sha256:${hexOf(plain)}` };
}

async function writeBlob(blobs: string, mediaType: string, value: unknown): Promise<Described> {
  const text = JSON.stringify(value);
  const digest = digestOf(text);
  await writeFile(join(blobs, digest.slice('sha256:'.length)), text);
  return { mediaType, digest, size: Buffer.byteLength(text) };
}

function chainIdsOf(diffIds: readonly string[]): string[] {
  const chainIds: string[] = [];
  for (const diffId of diffIds) {
    const parent = chainIds.at(-1);
    chainIds.push(parent === undefined ? diffId : digestOf(`${parent} ${diffId}`));
  }
  return chainIds;
}
