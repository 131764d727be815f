interface SpecWithMappings {
  readonly linux?: { readonly gidMappings?: readonly { containerID?: number; hostID?: number }[] };
}

/**
 * The host's group id of the container's group 0; 0 without a user namespace. A spec that is not JSON has none: the
 * runtime will say what is wrong with it.
 */
export function groupOfMappedRoot(spec: Uint8Array): number {
  const text = Buffer.from(spec.buffer, spec.byteOffset, spec.byteLength);
  // Most specs have no mapping; they are not worth parsing for it.
  if (!text.includes('"gidMappings"')) return 0;
  try {
    const { linux } = JSON.parse(text.toString()) as SpecWithMappings;
    return linux?.gidMappings?.find((mapping) => (mapping.containerID ?? 0) === 0)?.hostID ?? 0;
  } catch {
    return 0;
  }
}
