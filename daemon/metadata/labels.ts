import { invalidArgument } from '../../base/errors.ts';

export type Labels = Readonly<Record<string, string>>;

/** Key and value together, in bytes of UTF-8. */
const maxLabelSizeBytes = 4_096;
/** How much of an over-long key the error shows, in bytes. */
const shownKeySizeBytes = 64;

/**
 * Throws invalid-argument for a label that is too large. `where` names the labels' owner in the message, such as
 * `image.Labels`.
 */
export function validateLabels(labels: Labels, where = 'info.Labels'): void {
  for (const [key, value] of Object.entries(labels)) {
    const sizeBytes = Buffer.byteLength(key) + Buffer.byteLength(value);
    if (sizeBytes <= maxLabelSizeBytes) continue;
    const shown = Buffer.from(key).subarray(0, shownKeySizeBytes).toString();
    throw invalidArgument(
      `${where}: label key and value length (${sizeBytes} bytes) greater than maximum size (${maxLabelSizeBytes} bytes), key: ${shown}`,
    );
  }
}

/** Labels as they are stored: writing an empty value removes a label. */
export function storedLabels(labels: Labels): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}
