import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { encode } from '../../proto/codec.ts';
import { parseBootstrap, readBootstrap, writeBootstrap } from './bootstrap.ts';

const address = 'unix:///run/containerd/s/0f1e2d';

test.each([
  ['a bare address of 1.6', `${address}\n`, { version: 2, address, protocol: 'ttrpc' }],
  [
    'an abstract address',
    'containerd-shim/x.sock',
    { version: 2, address: 'containerd-shim/x.sock', protocol: 'ttrpc' },
  ],
  [
    'JSON of 2.0',
    JSON.stringify({ version: 3, address, protocol: 'ttrpc' }),
    { version: 3, address, protocol: 'ttrpc' },
  ],
  ['JSON without a protocol', JSON.stringify({ version: 2, address }), { version: 2, address, protocol: 'ttrpc' }],
])('reads %s', (_what, text, expected) => {
  expect(parseBootstrap(Buffer.from(text))).toEqual(expected);
});

test('reads the protobuf message of 2.3', () => {
  const bytes = encode('containerd.runtime.bootstrap.v1.BootstrapResult', { version: 3, address, protocol: 'ttrpc' });
  expect(parseBootstrap(bytes)).toEqual({ version: 3, address, protocol: 'ttrpc' });
});

test('reads that a shim speaks gRPC', () => {
  const answer = JSON.stringify({ version: 3, address, protocol: 'GRPC' });
  expect(parseBootstrap(Buffer.from(answer))).toEqual({ version: 3, address, protocol: 'grpc' });
});

test.each([
  ['a newer version', { version: 4, address, protocol: 'ttrpc' }, 'unsupported shim version (4)'],
  ['another protocol', { version: 3, address, protocol: 'http' }, 'unsupported shim protocol "http"'],
  ['gRPC with an old API', { version: 2, address, protocol: 'grpc' }, 'a gRPC shim has to speak version 3, not 2'],
])('refuses %s', (_what, value, message) => {
  expect(() => parseBootstrap(Buffer.from(JSON.stringify(value)))).toThrow(
    expect.objectContaining({ kind: 'unimplemented', message }),
  );
});

test('refuses an empty answer', () => {
  expect(() => parseBootstrap(Buffer.from(' \n'))).toThrow('shim gave no address');
});

async function folder(): Promise<string> {
  const path = await mkdtemp('/tmp/gt-');
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('finds in a bundle what it wrote there', async () => {
  const path = await folder();
  const bootstrap = { version: 3, address, protocol: 'ttrpc' };
  await writeBootstrap(path, bootstrap);
  expect(await readBootstrap(path)).toEqual(bootstrap);
});

test('falls back on the address file of old shims when there is no bootstrap.json, or an empty one', async () => {
  const path = await folder();
  await expect(readBootstrap(path)).rejects.toMatchObject({ kind: 'not-found' });
  await writeFile(join(path, 'address'), address);
  expect(await readBootstrap(path)).toEqual({ version: 2, address, protocol: 'ttrpc' });
  await writeFile(join(path, 'bootstrap.json'), '');
  expect(await readBootstrap(path)).toEqual({ version: 2, address, protocol: 'ttrpc' });
});
