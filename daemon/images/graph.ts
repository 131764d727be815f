import { GantryError, invalidArgument } from '../../base/errors.ts';
import {
  type Descriptor,
  type Index,
  isImageConfigType,
  isIndexType,
  isManifestType,
  type Manifest,
  parseManifest,
} from '../../image/manifest.ts';
import { type Selection, select } from './selection.ts';

/** Larger documents than any image needs: they are read into memory. */
export const maxDocumentBytes = 8 * 1024 * 1024;
const maxDocuments = 1_000;
/** They are in memory as long as the pull lasts. */
const maxAllDocumentsBytes = 64 * 1024 * 1024;

const schema1Type = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/;

/** What is done to what a walk comes to. */
export interface Visitor {
  /** Told of each once, before anything else. */
  readonly found: (descriptor: Descriptor) => void;
  /** The bytes of a manifest or index. */
  readonly read: (descriptor: Descriptor) => Promise<Uint8Array>;
  /** Told of all parts of a document, wanted or not, before any of them. */
  readonly parts: (descriptor: Descriptor, children: readonly Descriptor[]) => Promise<void>;
  /** A config, layer or anything else that has no parts. */
  readonly blob: (descriptor: Descriptor) => Promise<void>;
}

/** Whether an image can be of that type at all. */
export function checkTarget({ mediaType, digest }: Descriptor): void {
  if (schema1Type.test(mediaType)) throw invalidArgument(`${digest}: schema 1 image manifests are no longer supported`);
  if (isIndexType(mediaType) || isManifestType(mediaType)) return;
  throw invalidArgument(`${digest}: media type "${mediaType}" is no manifest and no index`);
}

/**
 * Visits what is selected of an image, each part once, the parts of a document beside each other. However the documents
 * refer to each other, it ends.
 * @throws GantryError resource-exhausted for more or larger documents than an image has; as `select` and `parseManifest`
 */
export async function walk(target: Descriptor, selection: Selection, visitor: Visitor): Promise<void> {
  const seen = new Set<string>();
  let documents = 0;
  let bytes = 0;
  const read = async (descriptor: Descriptor): Promise<Index | Manifest> => {
    checkDocumentSize(descriptor);
    documents += 1;
    bytes += descriptor.size;
    if (documents > maxDocuments || bytes > maxAllDocumentsBytes) {
      const text = `image ${target.digest}: more than ${maxDocuments} manifests, or ${maxAllDocumentsBytes} bytes of them`;
      throw new GantryError('resource-exhausted', text);
    }
    return parseManifest(await visitor.read(descriptor), descriptor);
  };
  const visit = async (descriptor: Descriptor, withLayers: boolean): Promise<void> => {
    const { digest, mediaType } = descriptor;
    if (seen.has(digest)) return;
    seen.add(digest);
    if (schema1Type.test(mediaType)) checkTarget(descriptor);
    visitor.found(descriptor);
    if (!isIndexType(mediaType) && !isManifestType(mediaType)) return visitor.blob(descriptor);
    const document = await read(descriptor);
    const children = document.kind === 'index' ? document.manifests : [document.config, ...document.layers];
    await visitor.parts(descriptor, children);
    if (document.kind === 'index') {
      const wanted = select(descriptor, children, selection);
      await Promise.all(wanted.map((child) => visit(child.descriptor, child.withLayers)));
      return;
    }
    const wanted = withLayers ? children : children.filter((child) => isImageConfigType(child.mediaType));
    await Promise.all(wanted.map((child) => visit(child, true)));
  };
  await visit(target, true);
}

/** @throws GantryError resource-exhausted for a document that is too large to be one */
export function checkDocumentSize({ digest, size }: Descriptor): void {
  if (size <= maxDocumentBytes) return;
  throw new GantryError('resource-exhausted', `document ${digest}: larger than ${maxDocumentBytes} bytes`);
}
