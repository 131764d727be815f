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

test('without a snapshotter the default one is taken, else the first that fits', () => {
  const both = rules(false, [amd, 'native'], [amd, 'overlayfs']);
  expect(chooseUnpacks(wish(wire('linux', 'amd64')), both).unpacks).toEqual([
    { platform: amd, snapshotter: 'overlayfs' },
  ]);
  expect(chooseUnpacks(wish(wire('linux', 'amd64'), 'native'), both).unpacks).toEqual([
    { platform: amd, snapshotter: 'native' },
  ]);
  const one = rules(false, [amd, 'native']);
  expect(chooseUnpacks(wish(wire('linux', 'amd64')), one).unpacks).toEqual([{ platform: amd, snapshotter: 'native' }]);
});

test('other processors count only where that is not looked at', () => {
  expect(chooseUnpacks(wish(wire('linux', 'arm64')), rules(false, [amd, 'overlayfs'])).unpacks).toEqual([
    { platform: arm, snapshotter: 'overlayfs' },
  ]);
  expect(chooseUnpacks(wish(wire('linux', 'arm64')), rules(true, [amd, 'overlayfs']))).toEqual({
    unpacks: [],
    refused: ['linux/arm64'],
  });
  expect(chooseUnpacks(wish(wire('windows', 'amd64'), 'x'), rules(false, [amd, 'overlayfs'])).refused).toEqual([
    'windows/amd64 x',
  ]);
});
