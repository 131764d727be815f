import { expect, test } from 'vitest';
import { formatPlatform, hostPlatform, parsePlatform, rankPlatform } from './platform.ts';

test.each([
  ['linux/amd64', 'linux/amd64'],
  ['linux/x86_64', 'linux/amd64'],
  ['Linux/AArch64', 'linux/arm64'],
  ['linux/arm64/v8', 'linux/arm64'],
  ['linux/arm', 'linux/arm/v7'],
  ['linux/arm/v6', 'linux/arm/v6'],
  ['linux/arm/6', 'linux/arm/v6'],
  ['linux/armhf', 'linux/arm/v7'],
  ['linux/armel', 'linux/arm/v6'],
  ['linux/arm64/8', 'linux/arm64'],
  ['linux/arm64/v9', 'linux/arm64/v9'],
  ['linux/i386/x', 'linux/386'],
  ['linux/constructor', 'linux/constructor'],
  ['macOS/arm64', 'darwin/arm64'],
  ['linux/amd64/v3', 'linux/amd64/v3'],
])('parsePlatform reads %s as %s', (text, expected) => {
  expect(formatPlatform(parsePlatform(text))).toBe(expected);
});

test.each(['', 'linux', 'linux/', '/amd64', 'linux/amd64/v1/x', 'linux/a b'])('parsePlatform refuses %j', (text) => {
  expect(() => parsePlatform(text)).toThrow('platform');
});

function rank(wanted: string, offered: string): number | undefined {
  return rankPlatform(parsePlatform(wanted), parsePlatform(offered));
}

test('rankPlatform prefers the exact platform and refuses what cannot run', () => {
  expect(rank('linux/amd64', 'linux/amd64')).toBe(0);
  expect(rank('linux/amd64', 'linux/386')).toBe(1);
  expect(rank('linux/amd64', 'linux/amd64/v2')).toBeUndefined();
  expect(rank('linux/amd64/v2', 'linux/amd64')).toBe(1);
  expect(rank('linux/amd64', 'linux/arm64')).toBeUndefined();
  expect(rank('linux/amd64', 'windows/amd64')).toBeUndefined();
  expect(rank('linux/arm/v6', 'linux/arm/v7')).toBeUndefined();
  expect(rank('linux/arm/v7', 'linux/arm/v5')).toBe(2);
  expect(rank('linux/arm64', 'linux/arm/v7')).toBe(2);
});

test('an attestation manifest never matches', () => {
  expect(rankPlatform(hostPlatform(), { os: 'unknown', architecture: 'unknown' })).toBeUndefined();
});
