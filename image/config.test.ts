import { expect, test } from 'vitest';
import { parseImageConfig } from './config.ts';

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

test('parseImageConfig fills in what an image leaves out', () => {
  expect(parseImageConfig(bytes({ os: 'linux', architecture: 'arm', variant: 'v6' }))).toEqual({
    platform: { os: 'linux', architecture: 'arm', variant: 'v6' },
    user: '',
    env: [],
    entrypoint: [],
    cmd: [],
    workingDir: '',
    stopSignal: '',
    labels: {},
    diffIds: [],
  });
});

test('parseImageConfig takes null for nothing, as older builders write it', () => {
  const config = { Env: null, Cmd: null, Entrypoint: null, Labels: null, User: null };
  expect(parseImageConfig(bytes({ os: 'linux', architecture: 'amd64', config }))).toMatchObject({
    env: [],
    labels: {},
  });
});

test.each([
  ['not json', 'not JSON'],
  ['[]', 'not an object'],
  ['null', 'not an object'],
  [{ config: 'x' }, 'config is not an object'],
  [{ config: { Env: 'A=1' } }, 'Env is not a list'],
  [{ config: { Env: [1] } }, 'Env is not a list'],
  [{ config: { User: 0 } }, 'User is not a string'],
  [{ config: { Cmd: { length: 3 } } }, 'Cmd is not a list'],
  [{ config: { Labels: { a: 1 } } }, 'Labels.a is not a string'],
  [{ rootfs: { diff_ids: ['sha256:short'] } }, 'not a digest'],
  [{ rootfs: { diff_ids: ['../../etc'] } }, 'not a digest'],
])('parseImageConfig refuses %j', (value, message) => {
  expect(() => parseImageConfig(bytes(value))).toThrow(message);
});
