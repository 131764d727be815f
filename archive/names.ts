import type { Descriptor } from '../image/manifest.ts';

/** containerd's annotation of an entry of `index.json`: the full name of the image. */
export const imageNameAnnotation = 'io.containerd.image.name';
/** OCI's annotation: a tag, or a full name. */
export const refNameAnnotation = 'org.opencontainers.image.ref.name';

/** Makes an image name of a reference in an archive; undefined for one that is to get none. */
export type Rename = (reference: string) => string | undefined;

/** Puts `prefix` before a mere tag; a full name is taken as it is. */
export function addPrefix(prefix: string): Rename {
  return (reference) => (isFull(reference) ? reference : tagged(prefix, reference));
}

/** Puts `prefix` before a mere tag; of full names only those below the prefix are taken. */
export function onlyWithPrefix(prefix: string): Rename {
  return (reference) => {
    if (!isFull(reference)) return tagged(prefix, reference);
    const rest = reference.slice(prefix.length);
    return prefix !== '' && reference.startsWith(prefix) && /^(?:$|[/:@])/.test(rest) ? reference : undefined;
  };
}

/** The name that an archive gives one of its images; containerd's own annotation is not renamed. */
export function nameIn({ annotations = {} }: Descriptor, rename: Rename): string | undefined {
  const full = annotations[imageNameAnnotation];
  if (full) return full;
  const reference = annotations[refNameAnnotation];
  return reference ? rename(reference) : undefined;
}

/** The annotations by which an archive names an image. */
export function nameAnnotations(name: string): Record<string, string> {
  return { [imageNameAnnotation]: name, [refNameAnnotation]: shortName(name) };
}

/** What stands before a mere tag where nobody gave a prefix; ctr's, so that all name an archive's images alike. */
export function datedPrefix(now: Date = new Date()): string {
  return `import-${now.toISOString().slice(0, 10)}`;
}

const isFull = (reference: string) => /[/:@]/.test(reference);
const tagged = (prefix: string, tag: string) => (prefix === '' ? undefined : `${prefix}:${tag}`);

/** The tag, with its digest if it has both; the whole name where there is no tag. */
function shortName(name: string): string {
  return /^[^/]+\/[^:@]*:(.+)$/s.exec(name)?.[1] ?? name;
}
