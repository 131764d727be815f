import { invalidArgument } from '../base/errors.ts';
import { type Descriptor, mediaTypes } from '../image/manifest.ts';
import { normalizePlatform } from '../image/platform.ts';
import { normalizeReference } from '../image/reference.ts';
import { parseFile, readDocument, sorted, writeDocument } from './documents.ts';
import type { ArchiveFiles } from './files.ts';
import type { ImportedIndex, ImportOptions } from './import.ts';
import { describeLayers } from './layers.ts';
import { nameAnnotations } from './names.ts';
import type { ContentSink } from './store.ts';

const maxImages = 1_000;
const maxLayers = 1_000;
/** Of all images together: each becomes an entry of the index. */
const maxNames = 1_000;

interface DockerImage {
  readonly config: string;
  readonly names: readonly string[];
  readonly layers: readonly string[];
}

/**
 * Makes and stores the manifests that a docker archive has not, and an index of them. They are to the byte what containerd
 * makes of the same archive.
 * @throws GantryError invalid-argument when `manifest.json` is out of order or names what is not there
 */
export async function indexOfDockerArchive(
  store: ContentSink,
  files: ArchiveFiles,
  list: Buffer,
  options: ImportOptions,
): Promise<ImportedIndex> {
  const manifests: Descriptor[] = [];
  for (const image of parseList(list)) {
    const manifest = await storeManifest(store, files, image, options);
    const names = image.names.map((name) => sorted(nameAnnotations(name)));
    if (names.length === 0) manifests.push(manifest);
    else for (const annotations of names) manifests.push(annotated(manifest, annotations));
  }
  const index = { schemaVersion: 2, manifests };
  return { target: await writeDocument(store, index, { mediaType: mediaTypes.ociIndex }), manifests };
}

function annotated({ platform, ...manifest }: Descriptor, annotations: Record<string, string>): Descriptor {
  return { ...manifest, annotations, ...(platform === undefined ? {} : { platform }) };
}

function parseList(bytes: Buffer): DockerImage[] {
  const list = parseFile(bytes, 'manifest.json');
  if (!Array.isArray(list) || list.length === 0 || list.length > maxImages) {
    throw invalidArgument('archive: manifest.json is not a list of images');
  }
  const images = list.map((item: unknown) => {
    const image = (item ?? {}) as { Config?: unknown; RepoTags?: unknown; Layers?: unknown };
    const tags = image.RepoTags ?? [];
    const layers = image.Layers ?? [];
    if (typeof image.Config !== 'string' || !areStrings(tags) || !areStrings(layers)) {
      throw invalidArgument('archive: manifest.json has an image without Config, Layers or RepoTags');
    }
    if (layers.length > maxLayers) throw invalidArgument(`archive: an image has more than ${maxLayers} layers`);
    return { config: image.Config, names: tags, layers };
  });
  if (images.reduce((sum, { names }) => sum + names.length, 0) > maxNames) {
    throw invalidArgument(`archive: its images have more than ${maxNames} names`);
  }
  return images.map((image) => ({ ...image, names: image.names.map(normalizeReference) }));
}

async function storeManifest(
  store: ContentSink,
  files: ArchiveFiles,
  image: DockerImage,
  options: ImportOptions,
): Promise<Descriptor> {
  const config = files.blob(image.config);
  const platform = await platformOf(store, config.digest);
  const layers = await describeLayers(
    store,
    image.layers.map((path) => files.blob(path)),
    options,
  );
  const mediaType = mediaTypes.dockerManifest;
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: mediaTypes.dockerConfig, digest: config.digest, size: config.sizeBytes },
    layers,
  };
  return { ...(await writeDocument(store, manifest, { mediaType })), platform };
}

/** In the order and with the fields that the OCI image specification gives a platform. */
async function platformOf(store: ContentSink, digest: string) {
  const document = parseFile(await readDocument(store, digest), digest);
  const config = (document ?? {}) as Record<string, unknown>;
  const text = (key: string) => (typeof config[key] === 'string' ? config[key] : '');
  const { os, architecture, variant } = normalizePlatform({
    os: text('os') || process.platform,
    architecture: text('architecture'),
    variant: text('variant'),
  });
  const version = text('os.version');
  return {
    architecture,
    os,
    ...(version === '' ? {} : { 'os.version': version }),
    ...(variant === undefined ? {} : { variant }),
  };
}

function areStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
