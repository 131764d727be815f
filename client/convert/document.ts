import { parseFile, readDocument, sorted, writeDocument } from '../../archive/documents.ts';
import type { ContentSink } from '../../archive/store.ts';
import { type Descriptor, type Index, type Manifest, parseManifest } from '../../image/manifest.ts';

/** A JSON object with all its fields, also those that Gantry does not know. */
export type Fields = Readonly<Record<string, unknown>>;

/** A descriptor with all its fields. */
export type FullDescriptor = Descriptor & Fields;

type Labels = Readonly<Record<string, string>>;

const documentOrder = [
  ...['schemaVersion', 'mediaType', 'artifactType'],
  ...['config', 'layers', 'manifests', 'subject', 'annotations'],
];
const descriptorOrder = ['mediaType', 'digest', 'size', 'urls', 'annotations', 'data', 'platform', 'artifactType'];
const platformOrder = ['architecture', 'os', 'os.version', 'os.features', 'variant'];

/** An index or manifest, checked, and all its fields beside. */
export interface Document {
  readonly parsed: Index | Manifest;
  readonly fields: Fields;
}

/** @throws GantryError not-found; invalid-argument for a document out of order */
export async function readFull(store: ContentSink, descriptor: Descriptor): Promise<Document> {
  const bytes = await readDocument(store, descriptor.digest);
  const parsed = parseManifest(bytes, descriptor);
  return { parsed, fields: parseFile(bytes, descriptor.digest) as Fields };
}

/** The descriptors in a field of a document that has been parsed; a missing field is an empty list. */
export function descriptorsIn(fields: Fields, field: 'layers' | 'manifests'): FullDescriptor[] {
  return (fields[field] ?? []) as FullDescriptor[];
}

/** Stores a changed document: to the byte what containerd's converter makes of the same change. */
export function writeFull(store: ContentSink, fields: Fields, mediaType: string): Promise<Descriptor> {
  const inOrder = ordered(fields, documentOrder);
  return writeDocument(store, { ...inOrder, ...inOrderWithin(inOrder) }, { mediaType });
}

/** The descriptor of what another one has become. */
export function redirected(from: FullDescriptor, to: Descriptor): FullDescriptor {
  const { mediaType, digest, size } = to;
  return { ...from, mediaType, digest, size };
}

function inOrderWithin(fields: Fields): Fields {
  const changed: Record<string, unknown> = {};
  for (const key of ['config', 'subject']) {
    if (fields[key] !== undefined) changed[key] = orderedDescriptor(fields[key] as FullDescriptor);
  }
  if (fields['annotations'] !== undefined) changed['annotations'] = sorted(fields['annotations'] as Labels);
  for (const key of ['layers', 'manifests'] as const) {
    if (fields[key] !== undefined) changed[key] = descriptorsIn(fields, key).map(orderedDescriptor);
  }
  return changed;
}

function orderedDescriptor(descriptor: FullDescriptor): Fields {
  const { annotations, platform } = descriptor;
  return {
    ...ordered(descriptor, descriptorOrder),
    ...(annotations === undefined ? {} : { annotations: sorted(annotations) }),
    ...(platform === undefined ? {} : { platform: ordered(platform as unknown as Fields, platformOrder) }),
  };
}

/** Known fields in the order that Go programs write them in, then the others as they are. */
function ordered(fields: Fields, order: readonly string[]): Fields {
  const known = order.filter((key) => Object.hasOwn(fields, key)).map((key) => [key, fields[key]]);
  return { ...Object.fromEntries(known), ...fields };
}
