import { binding } from './binding.ts';
import { nativeSync } from './errno.ts';

/** See `Sys.extendedAttributes`. */
export function extendedAttributes(directoryFd: number, name: Uint8Array): Map<string, Buffer> {
  const shown = Buffer.from(name).toString();
  const flat = nativeSync(() => binding().extendedAttributes(directoryFd, name), shown);
  const attributes = new Map<string, Buffer>();
  for (let at = 0; at < flat.length; at += 2) attributes.set(flat[at] as string, flat[at + 1] as Buffer);
  return attributes;
}
