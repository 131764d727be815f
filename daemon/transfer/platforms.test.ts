import { expect, test } from 'vitest';
import { hostPlatform } from '../../image/platform.ts';
import { chooseUnpacks, platformOf } from './platforms.ts';

const wire = (os: string, architecture: string, variant = '') => ({
  ...{ os, architecture, variant, osVersion: '', osFeatures: [] },
});
const arm = { os: 'linux', architecture: 'arm64' };
const amd = { os: 'linux', architecture: 'amd64' };
const rules = (check: boolean, ...unpacks: [typeof arm, string][]) => ({
  checkPlatformSupported: check,
  unpacks: unpacks.map(([platform, snapshotter]) => ({ platform, snapshotter })),
});
const wish = (platform: ReturnType<typeof wire> | null, snapshotter = '') => [{ platform, snapshotter }];

test('what a platform leaves open is as here', () => {
  expect(platformOf(null)).toEqual(hostPlatform());
  expect(platformOf(wire('', 'arm', 'v6'))).toEqual({ os: 'linux', architecture: 'arm', variant: 'v6' });
});

const choose = (wishes: ReturnType<typeof wish>, given: ReturnType<typeof rules>) => {
  const refused: string[] = [];
  return { unpacks: chooseUnpacks(wishes, given, (text) => refused.push(text)), refused };
};

test('without a snapshotter the default one is taken, else the first that fits', () => {
  const both = rules(false, [amd, 'native'], [amd, 'overlayfs']);
  const amd64 = wire('linux', 'amd64');
  expect(choose(wish(amd64), both).unpacks).toEqual([{ platform: amd, snapshotter: 'overlayfs' }]);
  expect(choose(wish(amd64, 'native'), both).unpacks).toEqual([{ platform: amd, snapshotter: 'native' }]);
  expect(choose(wish(amd64), rules(false, [amd, 'native'])).unpacks).toEqual([
    { platform: amd, snapshotter: 'native' },
  ]);
  expect(choose([], both)).toEqual({ unpacks: [], refused: [] });
});

test('other processors count only where that is not looked at', () => {
  const arm64 = wire('linux', 'arm64');
  expect(choose(wish(arm64), rules(false, [amd, 'overlayfs'])).unpacks).toEqual([
    { platform: arm, snapshotter: 'overlayfs' },
  ]);
  expect(() => choose(wish(arm64), rules(true, [amd, 'overlayfs']))).toThrow('unpacking linux/arm64 is not configured');
});

test('some wishes may be in vain, but not all', () => {
  const given = rules(false, [amd, 'overlayfs']);
  const [vain, good] = [wish(wire('windows', 'amd64'), 'x'), wish(wire('linux', 'amd64'))];
  expect(choose([...vain, ...good], given)).toEqual({
    unpacks: [{ platform: amd, snapshotter: 'overlayfs' }],
    refused: ['windows/amd64 to x'],
  });
  expect(() => choose(vain, given)).toThrow('unpacking windows/amd64 to x is not configured');
});
