import { parseDigest } from '../base/digest.ts';
import { invalidArgument, isKind, notFound } from '../base/errors.ts';
import {
  type Descriptor,
  isImageConfigType,
  isIndexType,
  isManifestType,
  isNonDistributableType,
  mediaTypes,
  parseManifest,
} from '../image/manifest.ts';
import { formatPlatform, hostPlatform, type Platform, rankPlatform } from '../image/platform.ts';
import { familiarReference, parseReference } from '../image/reference.ts';
import { documentJson, readDocument, sorted } from './documents.ts';
import type { ExportOptions, NamedImage } from './export.ts';
import { nameAnnotations } from './names.ts';
import type { ContentSource } from './store.ts';
import { directory, type Member, textMember } from './tar.ts';

const sourceLabelPrefix = 'containerd.io/distribution.source.';
const maxBlobs = 100_000;

/** The members of the archive that holds these images, in the order of their paths; everything is known to be there. */
export async function membersOf(
  source: ContentSource,
  images: readonly NamedImage[],
  options: ExportOptions,
): Promise<Member[]> {
  const collector = new Collector(source, options);
  const manifests: Descriptor[] = [];
  for (const image of images) {
    await collector.add(image);
    manifests.push(await listed(source, image));
  }
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
  const members = [
    ...collector.blobs(),
    textMember('oci-layout', documentJson({ imageLayoutVersion: '1.0.0' }), 0o444),
    textMember('index.json', documentJson(index)),
  ];
  const saved = collector.docker();
  if (!options.skipCompatibilityManifest && saved.length > 0)
    members.push(textMember('manifest.json', documentJson(saved)));
  return members.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** An image as `index.json` lists it: with its name and where it came from. */
async function listed(source: ContentSource, { name, target }: NamedImage): Promise<Descriptor> {
  const { labels } = await source.info(target.digest);
  const sources = Object.entries(labels).filter(([key]) => key.startsWith(sourceLabelPrefix));
  const annotations = { ...target.annotations, ...Object.fromEntries(sources), ...nameAnnotations(name) };
  const { mediaType, digest, size } = target;
  return { mediaType, digest, size, annotations: sorted(annotations) };
}

interface SavedImage {
  readonly manifest: Descriptor;
  readonly names: Set<string>;
}

/** Finds out which blobs go into an archive, each once, and what Docker is told of them. */
class Collector {
  readonly #source: ContentSource;
  readonly #options: ExportOptions;
  readonly #blobs = new Map<string, Member>();
  readonly #parsed = new Map<string, { config: string; layers: readonly string[] } | undefined>();
  readonly #saved = new Map<string, SavedImage>();

  constructor(source: ContentSource, options: ExportOptions) {
    this.#source = source;
    this.#options = options;
  }

  async add({ name, target }: NamedImage): Promise<void> {
    if (!isIndexType(target.mediaType) && !isManifestType(target.mediaType)) {
      throw invalidArgument(`image ${name}: only manifests may be exported, not ${target.mediaType}`);
    }
    try {
      const manifest = isIndexType(target.mediaType) ? await this.#addIndex(target) : target;
      if (manifest === undefined) return;
      await this.#addTree(manifest);
      const saved = this.#saved.get(manifest.digest) ?? { manifest, names: new Set() };
      this.#saved.set(manifest.digest, saved);
      const tag = dockerTag(name);
      if (tag !== undefined) saved.names.add(tag);
    } catch (error) {
      throw isKind(error, 'not-found') ? notFound(`image ${name}: ${error.message}`) : error;
    }
  }

  blobs(): Member[] {
    const algorithms = new Set([...this.#blobs.keys()].map((digest) => parseDigest(digest).algorithm));
    const directories = [...algorithms].map((algorithm) => directory(`blobs/${algorithm}/`));
    return [directory('blobs/'), ...directories, ...this.#blobs.values()];
  }

  /** What `docker load` reads first. */
  docker(): object[] {
    return [...this.#saved.values()].flatMap(({ manifest, names }) => {
      const parsed = this.#parsed.get(manifest.digest);
      if (parsed === undefined) return [];
      const RepoTags = names.size === 0 ? null : [...names];
      return { Config: pathOf(parsed.config), RepoTags, Layers: parsed.layers.map(pathOf) };
    });
  }

  /** Adds an index and what of it was asked for; returns the manifest that Docker gets. */
  async #addIndex(target: Descriptor): Promise<Descriptor | undefined> {
    const { allPlatforms = false } = this.#options;
    const platforms = this.#options.platforms?.length ? this.#options.platforms : [hostPlatform()];
    await this.#addBlob(target);
    const index = parseManifest(await readDocument(this.#source, target.digest), target);
    const children = index.kind === 'index' ? index.manifests : [];
    const rank = ({ platform }: Descriptor) => (platform === undefined ? platforms.length : place(platforms, platform));
    const chosen = children.filter((child) => rank(child) !== undefined);
    if (chosen.length === 0 && !allPlatforms) throw noMatch(platforms, children);
    for (const child of allPlatforms ? children : chosen) await this.#addTree(child);
    return chosen
      .filter(({ mediaType }) => isManifestType(mediaType))
      .sort((a, b) => (rank(a) ?? 0) - (rank(b) ?? 0))[0];
  }

  /** Adds a blob and everything below it. */
  async #addTree(descriptor: Descriptor): Promise<void> {
    if (!(await this.#addBlob(descriptor))) return;
    const { digest, mediaType } = descriptor;
    if (!isIndexType(mediaType) && !isManifestType(mediaType)) return;
    const document = parseManifest(await readDocument(this.#source, digest), descriptor);
    if (document.kind === 'index') {
      for (const child of document.manifests) await this.#addTree(child);
      return;
    }
    const { config, layers } = document;
    for (const part of [config, ...layers]) await this.#addTree(part);
    const parsed = { config: config.digest, layers: layers.map((layer) => layer.digest) };
    this.#parsed.set(digest, isImageConfigType(config.mediaType) ? parsed : undefined);
  }

  /** @returns false for a blob that is in it already or is to be left out */
  async #addBlob({ digest, size, mediaType }: Descriptor): Promise<boolean> {
    if (this.#blobs.has(digest)) return false;
    if (this.#options.skipNonDistributable && isNonDistributableType(mediaType)) return false;
    if (this.#blobs.size === maxBlobs) throw invalidArgument(`more than ${maxBlobs} blobs`);
    const { sizeBytes } = await this.#source.info(digest);
    if (sizeBytes !== size) throw invalidArgument(`blob ${digest} has ${sizeBytes} bytes, not ${size}`);
    this.#blobs.set(digest, {
      path: pathOf(digest),
      mode: 0o444,
      sizeBytes,
      bytes: () => this.#source.read(digest),
    });
    return true;
  }
}

/** Where a platform stands among those that are wanted; exactly it has to be. */
function place(wanted: readonly Platform[], offered: Platform): number | undefined {
  const position = wanted.findIndex((platform) => rankPlatform(platform, offered) === 0);
  return position === -1 ? undefined : position;
}

function noMatch(wanted: readonly Platform[], children: readonly Descriptor[]) {
  const offered = children.flatMap(({ platform }) => (platform === undefined ? [] : formatPlatform(platform)));
  return notFound(
    `no manifest found for platform ${wanted.map(formatPlatform).join(', ')}; there is ${offered.join(', ') || 'none'}`,
  );
}

function pathOf(digest: string): string {
  const { algorithm, hex } = parseDigest(digest);
  return `blobs/${algorithm}/${hex}`;
}

/** Docker takes names with a tag only. */
function dockerTag(name: string): string | undefined {
  try {
    return parseReference(name).digest === undefined ? familiarReference(name) : undefined;
  } catch (error) {
    if (isKind(error, 'invalid-argument')) return undefined;
    throw error;
  }
}
