import { expect, test } from 'vitest';
import { formatDurationMs, parseDuration } from './duration.ts';

test.each([
  ['0', 0n],
  ['0ms', 0n],
  ['100ms', 100_000_000n],
  ['1h30m', 5_400_000_000_000n],
  ['-1.5s', -1_500_000_000n],
  ['+.5s', 500_000_000n],
  ['1.s', 1_000_000_000n],
  ['3us4µs5μs6ns', 12_006n],
  ['24h0m0.000000001s', 86_400_000_000_001n],
  ['9223372036854775807ns', 9_223_372_036_854_775_807n],
])('%s is read', (text, ns) => expect(parseDuration(text)).toBe(ns));

test.each(['', '-', '1', '1x', 's', '.s', '1h 1m', '1e3s', '9223372036854775808ns', '١s'])('%j is none', (text) =>
  expect(parseDuration(text)).toBeUndefined(),
);

test.each([
  [0, '0s'],
  [100, '100ms'],
  [1_500, '1.5s'],
  [60_000, '1m0s'],
  [3_605_000, '1h0m5s'],
])('%d ms is printed as %s', (ms, text) => expect(formatDurationMs(ms)).toBe(text));
