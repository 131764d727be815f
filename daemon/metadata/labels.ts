import { invalidArgument } from '../../base/errors.ts';

export type Labels = Readonly<Record<string, string>>;

/** Far beyond what anybody uses; storing and sending a million of them would hold up everybody else for seconds. */
const maxLabels = 65_536;
/** Key and value together, in bytes of UTF-8. */
const maxLabelSizeBytes = 4_096;
/** How much of an over-long key the error shows, in bytes. */
const shownKeySizeBytes = 64;

/**
 * Throws invalid-argument for a label that is too large, and for too many of them. `where` names the labels' owner in the message, such as
 * `image.Labels`.
 */
export function validateLabels(labels: Labels, where = 'info.Labels'): void {
  let count = 0;
  for (const key in labels) {
    count += 1;
    if (count > maxLabels) throw invalidArgument(`${where}: more than ${maxLabels} labels`);
    const sizeBytes = Buffer.byteLength(key) + Buffer.byteLength(labels[key] as string);
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
