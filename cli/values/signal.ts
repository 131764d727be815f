import { constants } from 'node:os';
import { invalidArgument } from '../../base/errors.ts';

const maxSignal = 64;

/**
 * The number of a signal given by name, with or without `SIG`, or by number.
 * @throws GantryError invalid-argument
 */
export function parseSignal(text: string): number {
  const upper = text.toUpperCase();
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  if (Object.hasOwn(constants.signals, name)) return constants.signals[name as NodeJS.Signals];
  const number = /^[0-9]{1,2}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > maxSignal) throw invalidArgument(`"${text}" is not a signal`);
  return number;
}
