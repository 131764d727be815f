import { expect, test } from 'vitest';
import {
  dateFromTimestamp,
  nsFromTimestamp,
  rfc3339FromTimestamp,
  timestampFromDate,
  timestampFromNs,
  timestampFromRfc3339,
} from './timestamp.ts';

test.each([
  ['2024-02-29T12:00:00.000000001Z', 1_709_208_000, 1],
  ['2024-02-29T12:00:00.12Z', 1_709_208_000, 120_000_000],
  ['1970-01-01T00:00:00Z', 0, 0],
  ['1969-12-31T23:59:59.999999999Z', -1, 999_999_999],
  ['0001-01-01T00:00:00Z', -62_135_596_800, 0],
])('%s', (text, seconds, nanos) => {
  expect(timestampFromRfc3339(text)).toEqual({ seconds, nanos });
  expect(rfc3339FromTimestamp({ seconds, nanos })).toBe(text);
  expect(timestampFromNs(nsFromTimestamp({ seconds, nanos }))).toEqual({ seconds, nanos });
});

test('other zones mean the same instant', () => {
  expect(timestampFromRfc3339('2024-02-29T14:30:00.5+02:30')).toEqual({ seconds: 1_709_208_000, nanos: 500_000_000 });
});

test('a date keeps its milliseconds', () => {
  const date = new Date('2024-02-29T12:00:00.123Z');
  expect(timestampFromDate(date)).toEqual({ seconds: 1_709_208_000, nanos: 123_000_000 });
  expect(dateFromTimestamp({ seconds: 1_709_208_000, nanos: 123_999_999 })).toEqual(date);
  expect(dateFromTimestamp({ seconds: -1, nanos: 999_999_999 }).getTime()).toBe(-1);
});

test.each(['', 'now', '2024-02-29', '2024-13-01T00:00:00Z', '2024-02-29T12:00:00', '2024-02-29T12:00:00.1234567890Z'])(
  'refuses %j',
  (text) => {
    expect(() => timestampFromRfc3339(text)).toThrow('not an RFC 3339 time');
  },
);

test('a time beyond the year 9999 has no text', () => {
  expect(() => rfc3339FromTimestamp({ seconds: 253_402_300_800, nanos: 0 })).toThrow('no RFC 3339 form');
  expect(() => rfc3339FromTimestamp({ seconds: 1e300, nanos: 0 })).toThrow('no RFC 3339 form');
});
