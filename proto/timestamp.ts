/**
 * google.protobuf.Timestamp to and from nanoseconds, Date and RFC 3339. Nanoseconds are a bigint because a number of
 * them no longer fits 2^53; a Date keeps only milliseconds.
 */
import { GantryError } from '../base/errors.ts';
import type { Messages } from './codec.ts';

export type Timestamp = Messages['google.protobuf.Timestamp'];

const nsPerSecond = 1_000_000_000n;
const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** The timestamp of a number of nanoseconds since the epoch, also a negative one. */
export function timestampFromNs(ns: bigint): Timestamp {
  const rest = ((ns % nsPerSecond) + nsPerSecond) % nsPerSecond;
  return { seconds: Number((ns - rest) / nsPerSecond), nanos: Number(rest) };
}

/** Nanoseconds since the epoch. */
export function nsFromTimestamp(timestamp: Timestamp): bigint {
  return BigInt(timestamp.seconds) * nsPerSecond + BigInt(timestamp.nanos);
}

export function timestampFromDate(date: Date): Timestamp {
  return timestampFromNs(BigInt(date.getTime()) * 1_000_000n);
}

/** The date, cut to whole milliseconds. */
export function dateFromTimestamp(timestamp: Timestamp): Date {
  return new Date(timestamp.seconds * 1_000 + Math.floor(timestamp.nanos / 1_000_000));
}

/**
 * The time in UTC as Go prints it with time.RFC3339Nano: as many fraction digits as needed, none for a whole second.
 * Throws out-of-range for a time that RFC 3339 cannot express (years 0 to 9999).
 */
export function rfc3339FromTimestamp(timestamp: Timestamp): string {
  const date = new Date(timestamp.seconds * 1_000);
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9_999)) {
    throw new GantryError('out-of-range', `time of ${timestamp.seconds} seconds has no RFC 3339 form`);
  }
  const fraction = String(timestamp.nanos).padStart(9, '0').replace(/0+$/, '');
  return `${date.toISOString().slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** The time of an RFC 3339 text with up to nine fraction digits. Throws invalid-argument for any other text. */
export function timestampFromRfc3339(text: string): Timestamp {
  const [, dateTime, fraction = '', zone] = RFC3339.exec(text) ?? [];
  const ms = Date.parse(`${dateTime}${zone}`);
  if (dateTime === undefined || Number.isNaN(ms)) {
    throw new GantryError('invalid-argument', `not an RFC 3339 time: ${JSON.stringify(text)}`);
  }
  return { seconds: ms / 1_000, nanos: Number(fraction.padEnd(9, '0')) };
}
