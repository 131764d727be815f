import type { Descriptor as BlobDescriptor } from '../../image/manifest.ts';
import type { Descriptor } from '../../proto/gen/api/types/descriptor.ts';
import type { Progress } from '../../proto/gen/api/types/transfer/progress.ts';

/** Told of the steps of a transfer, in containerd's words and order. */
export type OnProgress = (progress: Progress) => void;

/** A descriptor as messages have it. */
export function wireDescriptor({ mediaType, digest, size, annotations = {} }: BlobDescriptor): Descriptor {
  return { mediaType, digest, size, annotations: { ...annotations } };
}
