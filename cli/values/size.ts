import { invalidArgument } from '../../base/errors.ts';

const powers: Readonly<Record<string, number>> = { '': 0, b: 0, k: 1, m: 2, g: 3, t: 4 };

/**
 * Bytes of a size such as `512m`, `1.5g`, `64KiB` or `1000000`; units are powers of 1024.
 * @throws GantryError invalid-argument
 */
export function parseSize(text: string): number {
  const [, number, unit = ''] = /^([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*(b|[kmgt](?:i?b)?)?$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(number) * 1024 ** (powers[unit.slice(0, 1).toLowerCase()] ?? 0));
  if (number === undefined || !Number.isSafeInteger(bytes) || bytes === 0) {
    throw invalidArgument(`"${text}" is not a size, such as 512m or 1g`);
  }
  return bytes;
}

/** Processors' worth of time, such as 0.5. @throws GantryError invalid-argument */
export function parseCpus(text: string): number {
  const cpus = /^[0-9]{1,6}(?:\.[0-9]{1,6})?$/.test(text) ? Number(text) : 0;
  if (cpus <= 0) throw invalidArgument(`"${text}" is not a number of processors, such as 0.5`);
  return cpus;
}
