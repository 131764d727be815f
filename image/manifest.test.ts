import { expect, test } from 'vitest';
import { type Descriptor, mediaTypes, parseManifest } from './manifest.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const part = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: 3 };

function parse(value: unknown, mediaType: string = mediaTypes.ociManifest) {
  const document: Descriptor = { mediaType, digest, size: 0 };
  return parseManifest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), document);
}

test('parseManifest reads what it is told to read', () => {
  expect(parse({ config: part, layers: [part] })).toEqual({ kind: 'manifest', config: part, layers: [part] });
  expect(
    parse(
      { manifests: [{ ...part, platform: { os: 'linux', architecture: 'arm', variant: '' } }] },
      mediaTypes.ociIndex,
    ),
  ).toEqual({ kind: 'index', manifests: [{ ...part, platform: { os: 'linux', architecture: 'arm' } }] });
});

test.each([
  ['{', 'not JSON'],
  ['[]', 'not a JSON object'],
  [{ manifests: [], layers: [] }, 'both an index and a manifest'],
  [{ manifests: [], config: part }, 'both an index and a manifest'],
  [{ mediaType: mediaTypes.ociIndex, config: part }, 'its media type is'],
  [{ layers: [] }, 'not an object'],
  [{ config: part, layers: {} }, 'not a list'],
  [{ config: part, layers: [{ ...part, digest: 'sha256:x' }] }, 'has digest'],
  [{ config: part, layers: [{ ...part, size: -1 }] }, 'has size'],
  [{ config: part, layers: [{ ...part, size: '3' }] }, 'has size'],
  [{ config: part, layers: Array.from({ length: 1001 }, () => part) }, 'more than 1000'],
])('parseManifest refuses %j', (value, message) => {
  expect(() => parse(value)).toThrow(message);
});

test('parseManifest refuses documents that are no manifests', () => {
  expect(() => parse({ config: part }, 'application/vnd.oci.image.config.v1+json')).toThrow('no kind of manifest');
});
