import { randomBytes } from 'node:crypto';
import { invalidArgument } from './errors.ts';

const identifierPattern = /^[A-Za-z0-9]+(?:[._-](?:[A-Za-z0-9]+))*$/;
const identifierMaxLength = 76;

/**
 * Throws invalid-argument unless `id` is a valid identifier: the form shared by namespaces, container, sandbox and exec
 * ids and the parts of event topics. Such ids become directory names, so this is also what keeps paths in place.
 */
export function validateIdentifier(id: string, what = 'identifier'): void {
  if (id === '') throw invalidArgument(`${what} must not be empty`);
  if (id.length > identifierMaxLength) {
    throw invalidArgument(`${what} "${id}" greater than maximum length (${identifierMaxLength} characters)`);
  }
  if (!identifierPattern.test(id)) {
    throw invalidArgument(`${what} "${id}" must match pattern ${identifierPattern.source}`);
  }
}

/** `bytes` random bytes in hexadecimal. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
