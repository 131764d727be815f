import { invalidArgument } from '../../base/errors.ts';

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A moment: RFC 3339 (`2006-01-02T15:04:05Z`), seconds since 1970 (`1136214245`), or how long ago (`90s`, `1h30m`).
 * @throws GantryError invalid-argument
 */
export function parseSince(text: string, now: Date): Date {
  const ago = [...text.matchAll(/(\d{1,9})([smhd])/g)];
  if (ago.length > 0 && ago.map(([part]) => part).join('') === text) {
    return new Date(now.getTime() - ago.reduce((sum, [, n, unit]) => sum + Number(n) * (unitsMs[unit ?? ''] ?? 0), 0));
  }
  const moment = /^\d{1,11}(\.\d{1,9})?$/.test(text) ? new Date(Number(text) * 1000) : new Date(text);
  if (Number.isNaN(moment.getTime()) || !/^\d/.test(text)) {
    throw invalidArgument(`"${text}" is not a time, such as 2006-01-02T15:04:05Z or 10m`);
  }
  return moment;
}
