import { invalidArgument } from '../base/errors.ts';
import { type Descriptor, mediaTypes, parseManifest } from '../image/manifest.ts';
import { indexOfDockerArchive } from './docker.ts';
import { only, parseFile } from './documents.ts';
import type { ReadOptions } from './entries.ts';
import { type ArchiveFiles, storeFiles } from './files.ts';
import type { ContentSink } from './store.ts';

const layoutVersion = '1.0.0';

export interface ImportOptions extends ReadOptions {
  /** Compresses plain layers (gzip); only of a docker archive, where no manifest fixes their digests. */
  compress?: boolean | undefined;
}

/** What an archive offers. Nothing refers to it yet, see `protectImage` and `nameIn`. */
export interface ImportedIndex {
  /** Its `index.json` as it was, or an index made of docker's `manifest.json`; stored as a blob like the others. */
  readonly target: Descriptor;
  /** The images in it, with the annotations that name them. One that has several names is there once for each. */
  readonly manifests: readonly Descriptor[];
}

/**
 * Imports a tar archive into a content store: an OCI layout, or what `docker save` writes, with entries in any order, plain
 * or compressed with gzip or zstd. What is in both formats counts as an OCI layout. An archive need not be complete.
 * @throws GantryError invalid-argument for what is neither, or not intact; failed-precondition for blobs that are not
 * what their names say
 */
export async function importArchive(
  store: ContentSink,
  source: AsyncIterable<Uint8Array>,
  options: ImportOptions = {},
): Promise<ImportedIndex> {
  const files = await storeFiles(store, source, options);
  const layout = files.document('oci-layout');
  if (layout !== undefined) return fromLayout(store, files, layout);
  const list = files.document('manifest.json');
  if (list === undefined) throw invalidArgument('archive: neither an OCI layout nor a docker archive');
  return indexOfDockerArchive(store, files, list, options);
}

async function fromLayout(store: ContentSink, files: ArchiveFiles, layout: Buffer): Promise<ImportedIndex> {
  const { imageLayoutVersion } = (parseFile(layout, 'oci-layout') ?? {}) as { imageLayoutVersion?: unknown };
  if (imageLayoutVersion !== layoutVersion) {
    throw invalidArgument(`archive: OCI layout version ${JSON.stringify(imageLayoutVersion ?? null)} is not supported`);
  }
  const bytes = files.document('index.json');
  if (bytes === undefined) throw invalidArgument('archive: index.json is missing');
  const { digest } = await store.write(only(bytes), { sizeBytes: bytes.length });
  const target = { mediaType: mediaTypes.ociIndex, digest, size: bytes.length };
  const index = parseManifest(bytes, { ...target, digest: 'index.json' });
  if (index.kind !== 'index') throw invalidArgument('archive: index.json is not an index');
  return { target, manifests: index.manifests };
}
