import { GantryError, isKind } from '../../base/errors.ts';
import type { Descriptor } from '../../image/manifest.ts';
import { normalizeReference } from '../../image/reference.ts';
import type { Messages } from '../../proto/codec.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';

/** An image as the daemon knows it: a name, and the descriptor it stands for. */
export interface ImageRecord {
  readonly name: string;
  readonly target: Descriptor;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: Messages['google.protobuf.Timestamp'] | null;
}

const service = 'containerd.services.images.v1.Images';

/**
 * The image of a reference. `busybox` finds `docker.io/library/busybox:latest`; a name that is no reference, or that only
 * exists exactly as written, is found too.
 * @throws GantryError not-found with the reference; invalid-argument for a text that neither exists nor is a reference
 */
export async function findImage(client: Client, reference: string, options: CallOptions = {}): Promise<ImageRecord> {
  const images = client.service(service);
  let malformed: unknown;
  for (const name of candidates(reference, (error) => {
    malformed = error;
  })) {
    try {
      const { image } = await images.Get({ name }, options);
      if (image?.target) return toRecord(image);
    } catch (error) {
      if (!isKind(error, 'not-found')) throw error;
    }
  }
  throw malformed ?? new GantryError('not-found', `image "${reference}": not found`);
}

/** Images that match any of containerd's filters, all without one. */
export async function listImages(
  client: Client,
  { filters = [], ...options }: CallOptions & { filters?: readonly string[] } = {},
): Promise<ImageRecord[]> {
  const { images } = await client.service(service).List({ filters: [...filters] }, options);
  return images.map(toRecord);
}

/** Creates the image record, or points an existing one to `target`. */
export async function putImage(
  client: Client,
  name: string,
  target: Descriptor,
  options: CallOptions = {},
): Promise<ImageRecord> {
  const images = client.service(service);
  const { mediaType, digest, size, annotations } = target;
  const image = { name, target: { mediaType, digest, size, ...(annotations === undefined ? {} : { annotations }) } };
  try {
    const created = await images.Create({ image }, options);
    return toRecord(created.image);
  } catch (error) {
    if (!isKind(error, 'already-exists')) throw error;
    const updated = await images.Update({ image, updateMask: { paths: ['target'] } }, options);
    return toRecord(updated.image);
  }
}

/** Removes an image record and, before returning, whatever only it referred to. */
export async function removeImage(client: Client, reference: string, options: CallOptions = {}): Promise<string> {
  const { name } = await findImage(client, reference, options);
  await client.service(service).Delete({ name, sync: true }, options);
  return name;
}

function candidates(reference: string, onMalformed: (error: unknown) => void): Set<string> {
  const names = new Set<string>();
  try {
    names.add(normalizeReference(reference));
  } catch (error) {
    onMalformed(error);
  }
  return names.add(reference);
}

function toRecord(image: Messages['containerd.services.images.v1.Image'] | null): ImageRecord {
  const { mediaType = '', digest = '', size = 0, annotations = {} } = image?.target ?? {};
  return {
    name: image?.name ?? '',
    target: { mediaType, digest, size, annotations },
    labels: image?.labels ?? {},
    createdAt: image?.createdAt ?? null,
  };
}
