import { sha256Of } from '../../base/digest.ts';
import { invalidArgument } from '../../base/errors.ts';
import { type Descriptor, mediaTypes, parseManifest } from '../../image/manifest.ts';
import { normalizeReference } from '../../image/reference.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { readStart } from '../content/read.ts';
import { writeBlob } from '../content/write.ts';
import type { Archive, StoredFile } from './archive.ts';

const imageNameAnnotation = 'io.containerd.image.name';
const refNameAnnotation = 'org.opencontainers.image.ref.name';
const layoutVersion = '1.0.0';
const maxImages = 1_000;

/** An image that an archive offers: what it refers to, and the names it is given there. */
export interface OfferedImage {
  readonly target: Descriptor;
  readonly names: readonly string[];
}

interface DockerImage {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
}

/**
 * The images of an archive, of an OCI layout where it has one, else of what `docker save` writes. For the latter the
 * manifests are made here and stored.
 * @throws GantryError invalid-argument when it is neither or its documents are out of order
 */
export async function offeredImages(
  client: Client,
  archive: Archive,
  tagPrefix: string,
  options: CallOptions = {},
): Promise<OfferedImage[]> {
  if (archive.documents.has('oci-layout')) return fromLayout(archive, tagPrefix);
  const list = archive.documents.get('manifest.json');
  if (list === undefined) throw invalidArgument('archive: neither an OCI layout nor a docker archive');
  const images: OfferedImage[] = [];
  for (const image of parseDockerList(list)) {
    const target = await storeDockerManifest(client, archive, image, options);
    images.push({ target, names: image.RepoTags.map(normalizeReference) });
  }
  return images;
}

function fromLayout(archive: Archive, tagPrefix: string): OfferedImage[] {
  const layout = parseJson(archive, 'oci-layout') as { imageLayoutVersion?: unknown } | null;
  if (layout?.imageLayoutVersion !== layoutVersion) {
    throw invalidArgument(`archive: OCI layout version ${JSON.stringify(layout?.imageLayoutVersion)} is not supported`);
  }
  const bytes = archive.documents.get('index.json');
  if (bytes === undefined) throw invalidArgument('archive: index.json is missing');
  const index = parseManifest(bytes, { mediaType: mediaTypes.ociIndex, digest: 'index.json', size: bytes.length });
  if (index.kind !== 'index') throw invalidArgument('archive: index.json is not an index');
  // One manifest may be listed once per name.
  const images = new Map<string, { target: Descriptor; names: string[] }>();
  for (const target of index.manifests) {
    const image = images.get(target.digest) ?? { target, names: [] };
    const name = nameOf(target, tagPrefix);
    if (name !== undefined && !image.names.includes(name)) image.names.push(name);
    images.set(target.digest, image);
  }
  return [...images.values()];
}

/** A full name is taken as it is; a mere tag, which is all that the OCI annotation has to be, is put behind the prefix. */
function nameOf({ annotations }: Descriptor, tagPrefix: string): string | undefined {
  const full = annotations?.[imageNameAnnotation];
  if (full) return full;
  const ref = annotations?.[refNameAnnotation];
  if (!ref) return undefined;
  return /[/:@]/.test(ref) ? ref : `${tagPrefix}:${ref}`;
}

function parseDockerList(bytes: Buffer): DockerImage[] {
  const list: unknown = parseBytes(bytes, 'manifest.json');
  if (!Array.isArray(list) || list.length === 0 || list.length > maxImages) {
    throw invalidArgument('archive: manifest.json is not a list of images');
  }
  return list.map((item: unknown) => {
    const image = (item ?? {}) as { Config?: unknown; RepoTags?: unknown; Layers?: unknown };
    const tags = image.RepoTags ?? [];
    if (typeof image.Config !== 'string' || !areStrings(tags) || !areStrings(image.Layers)) {
      throw invalidArgument('archive: manifest.json has an image without Config, Layers or RepoTags');
    }
    return { Config: image.Config, RepoTags: tags, Layers: image.Layers };
  });
}

async function storeDockerManifest(
  client: Client,
  archive: Archive,
  image: DockerImage,
  options: CallOptions,
): Promise<Descriptor> {
  const config = fileAt(archive, image.Config);
  const layers: object[] = [];
  for (const path of image.Layers) {
    const { digest, sizeBytes } = fileAt(archive, path);
    const start = await readStart(client, digest, 2, options);
    const isGzip = start[0] === 0x1f && start[1] === 0x8b;
    layers.push({
      mediaType: isGzip ? mediaTypes.dockerLayerGzip : mediaTypes.dockerLayer,
      digest,
      size: sizeBytes,
    });
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.dockerManifest,
    config: { mediaType: mediaTypes.dockerConfig, digest: config.digest, size: config.sizeBytes },
    layers,
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const digest = await writeBlob(client, [bytes], { sizeBytes: bytes.length, digest: sha256Of(bytes) }, options);
  return { mediaType: mediaTypes.dockerManifest, digest, size: bytes.length };
}

/** Layers that several images share are symbolic links in archives of older Docker versions. */
function fileAt(archive: Archive, path: string): StoredFile {
  const file = archive.files.get(path) ?? archive.files.get(archive.links.get(path) ?? '');
  if (file === undefined) throw invalidArgument(`archive: ${path} is missing`);
  return file;
}

function parseJson(archive: Archive, name: string): unknown {
  return parseBytes(archive.documents.get(name) ?? Buffer.alloc(0), name);
}

function parseBytes(bytes: Buffer, name: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw invalidArgument(`archive: ${name} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function areStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
