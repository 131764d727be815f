import type { Compression } from '../../archive/compression.ts';
import { readDocument } from '../../archive/documents.ts';
import type { ContentSink, StoredBlob } from '../../archive/store.ts';
import { invalidArgument, notFound } from '../../base/errors.ts';
import { Limiter } from '../../base/limiter.ts';
import { parseImageConfig } from '../../image/config.ts';
import {
  type Descriptor,
  isImageConfigType,
  isIndexType,
  isLayerType,
  isManifestType,
  type Manifest,
} from '../../image/manifest.ts';
import { formatPlatform, type Platform, rankPlatform } from '../../image/platform.ts';
import { descriptorsIn, type Fields, type FullDescriptor, readFull, redirected, writeFull } from './document.ts';
import { convertLayer } from './layer.ts';
import { isDockerType, toOciType, withCompression } from './media-types.ts';

const layersAtOnce = 4;

/** What is to become of an image. */
export interface Conversion {
  /** How layers are compressed afterwards; as they are if absent. */
  readonly compression?: Compression | undefined;
  /** Changes Docker's media types to OCI's. */
  readonly oci?: boolean | undefined;
  /** Platforms that stay in an index, `all` for every one. */
  readonly platforms: readonly Platform[] | 'all';
}

/** Converts the documents and layers below a descriptor, each once; what nothing has to change in stays as it is. */
export class Converter {
  readonly #store: ContentSink;
  readonly #conversion: Conversion;
  readonly #documents = new Map<string, Promise<Descriptor | undefined>>();
  readonly #layers = new Map<string, Promise<StoredBlob>>();
  readonly #limiter = new Limiter(layersAtOnce);

  constructor(store: ContentSink, conversion: Conversion) {
    this.#store = store;
    this.#conversion = conversion;
  }

  /**
   * The descriptor of what it has become.
   * @throws GantryError not-found for a missing blob or platform; invalid-argument for documents out of order
   */
  async convert(from: FullDescriptor): Promise<FullDescriptor> {
    const { mediaType } = from;
    if (!isIndexType(mediaType) && !isManifestType(mediaType)) return this.#renamed(from);
    const made = await this.#converted(from);
    return this.#renamed(made === undefined ? from : redirected(from, made));
  }

  /** What a document has become, undefined if nothing; once for each, as indexes may lead to it on many ways. */
  #converted(from: FullDescriptor): Promise<Descriptor | undefined> {
    const key = `${from.mediaType} ${from.digest}`;
    const known = this.#documents.get(key);
    if (known !== undefined) return known;
    const converted = isIndexType(from.mediaType) ? this.#index(from) : this.#manifest(from);
    this.#documents.set(key, converted);
    return converted;
  }

  /** Docker's formats have no annotations, so a descriptor that stays one of Docker's loses them. */
  #renamed(descriptor: FullDescriptor): FullDescriptor {
    if (!isDockerType(descriptor.mediaType)) return descriptor;
    if (this.#conversion.oci) return { ...descriptor, mediaType: toOciType(descriptor.mediaType) };
    const { annotations, ...rest } = descriptor;
    return annotations === undefined ? descriptor : rest;
  }

  async #index(from: FullDescriptor): Promise<Descriptor | undefined> {
    const { fields } = await readFull(this.#store, from);
    const all = descriptorsIn(fields, 'manifests');
    const kept = all.filter(({ platform }) => platform === undefined || this.#isWanted(platform));
    if (kept.length === 0 && all.length > 0) throw this.#noneWanted(from, all);
    const manifests: FullDescriptor[] = [];
    for (const child of kept) manifests.push(await this.convert(child));
    return this.#rewritten(from, fields, manifests.some((child, n) => child !== all[n]) || kept.length < all.length, {
      manifests,
    });
  }

  async #manifest(from: FullDescriptor): Promise<Descriptor | undefined> {
    const { parsed, fields } = await readFull(this.#store, from);
    const old = descriptorsIn(fields, 'layers');
    const layers = await this.#convertLayers(from, parsed as Manifest, old);
    const config = this.#renamed(fields['config'] as FullDescriptor);
    const isChanged = config !== fields['config'] || layers.some((layer, n) => layer !== old[n]);
    return this.#rewritten(from, fields, isChanged, { config, layers });
  }

  async #rewritten(
    { mediaType }: FullDescriptor,
    fields: Fields,
    isChanged: boolean,
    parts: Fields,
  ): Promise<Descriptor | undefined> {
    const isRenamed =
      this.#conversion.oci && typeof fields['mediaType'] === 'string' && isDockerType(fields['mediaType']);
    if (!isChanged && !isRenamed) return undefined;
    const renamed = isRenamed ? { mediaType: toOciType(mediaType) } : {};
    return writeFull(this.#store, { ...fields, ...renamed, ...parts }, mediaType);
  }

  async #convertLayers(
    from: FullDescriptor,
    manifest: Manifest,
    layers: readonly FullDescriptor[],
  ): Promise<FullDescriptor[]> {
    const { compression } = this.#conversion;
    if (compression === undefined || !isImageConfigType(manifest.config.mediaType)) {
      return layers.map((layer) => this.#renamed(layer));
    }
    const { diffIds } = parseImageConfig(await readDocument(this.#store, manifest.config.digest));
    const ofRootfs = layers.filter(({ mediaType }) => isLayerType(mediaType));
    if (ofRootfs.length !== diffIds.length) {
      throw invalidArgument(
        `manifest ${from.digest}: ${ofRootfs.length} layers, but its config tells of ${diffIds.length}`,
      );
    }
    return Promise.all(
      layers.map(async (layer) => {
        const mediaType = withCompression(layer.mediaType, compression);
        const diffId = diffIds[ofRootfs.indexOf(layer)];
        if (mediaType === undefined || diffId === undefined) return this.#renamed(layer);
        const { digest, sizeBytes } = await this.#convertLayer(layer, diffId, compression);
        const isSame = digest === layer.digest && mediaType === layer.mediaType;
        return this.#renamed(isSame ? layer : redirected(layer, { mediaType, digest, size: sizeBytes }));
      }),
    );
  }

  /** Images of several platforms, and layers of one image, can share a blob. */
  #convertLayer({ digest, size }: FullDescriptor, diffId: string, compression: Compression): Promise<StoredBlob> {
    const known = this.#layers.get(digest);
    if (known !== undefined) return known;
    const task = () => convertLayer(this.#store, { digest, sizeBytes: size }, { diffId, compression });
    const converted = this.#limiter.run(task);
    this.#layers.set(digest, converted);
    return converted;
  }

  #isWanted(platform: Platform): boolean {
    const { platforms } = this.#conversion;
    return platforms === 'all' || platforms.some((wanted) => rankPlatform(wanted, platform) === 0);
  }

  #noneWanted({ digest }: FullDescriptor, manifests: readonly FullDescriptor[]) {
    const { platforms } = this.#conversion;
    const wanted = platforms === 'all' ? '' : platforms.map(formatPlatform).join(', ');
    const offered = manifests.flatMap(({ platform }) => (platform === undefined ? [] : formatPlatform(platform)));
    return notFound(`index ${digest}: no manifest for ${wanted}; there is ${offered.join(', ')}`);
  }
}
