import { accessSync, constants, statSync } from 'node:fs';
import { GantryError } from '../base/errors.ts';

/** The error for a daemon that cannot be reached: says which, and what of the ordinary reasons it is. */
export function unreachable(address: string, cause: GantryError): GantryError {
  const reason = reasonFor(address);
  return new GantryError('unavailable', `cannot connect to gantryd at ${address}: is it running? (${reason})`, {
    cause,
  });
}

function reasonFor(address: string): string {
  try {
    if (!statSync(address).isSocket()) return 'not a socket';
    accessSync(address, constants.R_OK | constants.W_OK);
    return 'nobody answers on the socket';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'no such socket';
    if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
    return code ?? 'unknown reason';
  }
}
