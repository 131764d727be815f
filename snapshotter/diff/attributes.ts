import type { Entry } from './entry.ts';
import type { OpenDirectory } from './open-directory.ts';

/** What reads extended attributes; see `Sys`. */
export interface AttributeReader {
  extendedAttributes(directoryFd: number, name: Uint8Array): Map<string, Buffer>;
}

/**
 * The extended attributes of an entry that belong into a layer: those of users, access lists and the capabilities of
 * programs. What security modules and file systems note for themselves belongs to this machine.
 */
export function attributesOf(sys: AttributeReader, { directory, name }: Entry): ReadonlyMap<string, Buffer> {
  const told = [...rawAttributes(sys, directory, name)].filter(([attribute]) => isTold(attribute));
  return new Map(told.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @returns whether two entries have the same ones */
export function sameAttributes(a: ReadonlyMap<string, Buffer>, b: ReadonlyMap<string, Buffer>): boolean {
  return a.size === b.size && [...a].every(([name, value]) => b.get(name)?.equals(value));
}

/**
 * Whether a directory in the upper directory of an overlay shows exactly what the lower ones have there too, changed by
 * what it holds itself: it neither hides them nor shows another directory of theirs.
 */
export function isPlainlyMerged(sys: AttributeReader, upper: OpenDirectory, name: string): boolean {
  const attributes = rawAttributes(sys, upper, name);
  return ['trusted.overlay.', 'user.overlay.'].every(
    (prefix) => attributes.get(`${prefix}opaque`)?.toString() !== 'y' && !attributes.has(`${prefix}redirect`),
  );
}

function rawAttributes(sys: AttributeReader, directory: OpenDirectory, name: string): Map<string, Buffer> {
  return sys.extendedAttributes(directory.fd, Buffer.from(name, 'latin1'));
}

function isTold(name: string): boolean {
  if (name.startsWith('user.')) return !name.startsWith('user.overlay.');
  return name === 'security.capability' || name.startsWith('system.posix_acl_');
}
