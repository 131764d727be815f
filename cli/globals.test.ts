import { expect, test } from 'vitest';
import { readGlobals } from './globals.ts';

test("options go before our own environment, that before containerd's, that before the defaults", () => {
  const env = { GANTRY_ADDRESS: '/g', CONTAINERD_ADDRESS: '/c', CONTAINERD_NAMESPACE: 'k8s.io' };
  expect(readGlobals({ address: '/o', namespace: 'o' }, env)).toEqual({ address: '/o', namespace: 'o', json: false });
  expect(readGlobals({ json: true }, env)).toEqual({ address: '/g', namespace: 'k8s.io', json: true });
  expect(readGlobals({}, { CONTAINERD_ADDRESS: '/c' }).address).toBe('/c');
  expect(readGlobals({}, {})).toEqual({ address: '/run/gantry/gantry.sock', namespace: 'default', json: false });
});

test.each(['unix:///run/x.sock', 'unix:/run/x.sock', '/run/x.sock'])('an address may be a target: %s', (address) => {
  expect(readGlobals({ address }, {}).address).toBe('/run/x.sock');
});
