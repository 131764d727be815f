import { addPrefix, imageNameAnnotation, onlyWithPrefix, refNameAnnotation } from '../../archive/names.ts';
import { GantryError } from '../../base/errors.ts';
import type { Descriptor } from '../../image/manifest.ts';
import type { ImageReference, ImageStore } from '../../proto/gen/api/types/transfer/imagestore.ts';

/** What an image is to be stored as. */
export interface ImageName {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

type Store = Pick<ImageStore, 'name' | 'labels' | 'extraReferences'>;

/**
 * The names of what was pulled, tagged or imported as a whole: the store's own, then the further ones that are full names,
 * and those by digest. A mere prefix names nothing here.
 * @param now RFC 3339; what only goes along with the first name is collected with it
 */
export function namesOfTarget(store: Store, target: Descriptor, now: string): ImageName[] {
  const names = store.name === '' ? [] : [{ name: store.name, labels: store.labels }];
  const labels = furtherLabels(store, now);
  for (const reference of store.extraReferences) {
    if (reference.addDigest) names.push({ name: byDigest(reference, target), labels });
    else if (!reference.isPrefix) names.push({ name: reference.name, labels });
  }
  return names;
}

/** The names of one image of an archive: what its annotations make of each prefix, and by digest where that is asked for. */
export function namesInArchive(store: Store, image: Descriptor, now: string): ImageName[] {
  const labels = furtherLabels(store, now);
  return store.extraReferences
    .filter(({ isPrefix }) => isPrefix)
    .flatMap((prefix) => {
      const name = annotatedName(image, prefix);
      const digest = byDigest(prefix, image);
      if (name === undefined) return prefix.addDigest ? [digest] : [];
      return prefix.addDigest && !prefix.skipNamedDigest ? [name, digest] : [name];
    })
    .map((name) => ({ name, labels }));
}

/**
 * The names of the images that are to be taken out of the store.
 * @throws GantryError unimplemented for prefixes
 */
export function namesToTake(store: Store): string[] {
  if (store.extraReferences.some(({ isPrefix }) => isPrefix)) {
    throw new GantryError('unimplemented', 'prefix lookup on export not implemented');
  }
  return [store.name, ...store.extraReferences.map(({ name }) => name)].filter((name) => name !== '');
}

/** containerd's own annotation is a full name, which is taken as it is or not at all. */
function annotatedName({ annotations = {} }: Descriptor, { name: prefix, allowOverwrite }: ImageReference) {
  const rename = prefix === '' ? () => undefined : allowOverwrite ? addPrefix(prefix) : onlyWithPrefix(prefix);
  const full = annotations[imageNameAnnotation] ?? '';
  if (full !== '') return rename(full) === full ? full : undefined;
  const reference = annotations[refNameAnnotation] ?? '';
  return reference === '' ? undefined : rename(reference);
}

const byDigest = ({ name }: ImageReference, { digest }: Descriptor) => `${name}@${digest}`;

/** With a first name, the others live as long as that one does. */
function furtherLabels(store: Store, now: string): Readonly<Record<string, string>> {
  if (store.name === '') return store.labels;
  return { ...store.labels, 'containerd.io/gc.bref.image': store.name, 'containerd.io/gc.expire': now };
}
