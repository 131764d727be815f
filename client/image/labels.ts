const reservedPrefixes = ['containerd.io/', 'io.cri-containerd', 'gantry.io/'];
const maxLabelBytes = 4096;

/** Where a detached container's output goes, as a log URI. */
export const logUriLabel = 'gantry.io/log-uri';
/** The signal that the image asks to be stopped with. */
export const stopSignalLabel = 'io.containerd.image.config.stop-signal';

/**
 * The labels that a container takes over from its image. Reserved keys steer the daemon, so an image must not set them
 * (a restart monitor would run the log program that a label names); a pair too long for containerd is left out too.
 */
export function containerLabelsOf(imageLabels: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(imageLabels).filter(
    ([key, value]) => !isReserved(key) && sizeOf(key, value) <= maxLabelBytes,
  );
  return Object.fromEntries(kept);
}

function isReserved(key: string): boolean {
  return reservedPrefixes.some((prefix) => key.startsWith(prefix)) || key === stopSignalLabel;
}

function sizeOf(key: string, value: string): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value);
}
