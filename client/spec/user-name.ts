import { invalidArgument } from '../../base/errors.ts';

/** The greatest id that runc takes; a greater one would wrap around to another user. */
export const maxId = 2 ** 31 - 1;

/** A user or group as given: a number, or a name to look up in the container's own files. */
export type IdOrName = { readonly id: number } | { readonly name: string };

export interface UserName {
  readonly user: IdOrName;
  readonly group?: IdOrName;
}

/**
 * Reads `user`, `uid`, `user:group`, `uid:gid` and mixtures. Only plain decimal digits are a number: `1e1` and `0x10` are
 * names. Digits are never a name, not even when the number is too large, so an image cannot give such a name a meaning.
 * @throws GantryError invalid-argument
 */
export function parseUserName(text: string): UserName {
  const [user = '', group, ...rest] = text.split(':');
  if (user === '' || group === '' || rest.length > 0)
    throw invalidArgument(`user "${text}": must be user or user:group`);
  return group === undefined
    ? { user: parsePart(user, text) }
    : { user: parsePart(user, text), group: parsePart(group, text) };
}

function parsePart(part: string, text: string): IdOrName {
  const number = /^([+-]?)([0-9]+)$/.exec(part);
  if (number === null) return { name: part };
  const id = Number(number[2]);
  if (number[1] !== '' || id > maxId) throw invalidArgument(`user "${text}": ${part} is out of range`);
  return { id };
}
