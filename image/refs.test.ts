import { expect, test } from 'vitest';
import { mediaTypes } from './manifest.ts';
import { childLabels, refKey } from './refs.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const at = (mediaType: string) => ({ mediaType, digest, size: 1 });
const layer = 'application/vnd.oci.image.layer.v1.tar+gzip';

test.each([
  [mediaTypes.ociManifest, 'manifest'],
  [mediaTypes.dockerManifest, 'manifest'],
  [mediaTypes.ociIndex, 'index'],
  [mediaTypes.dockerList, 'index'],
  [layer, 'layer'],
  ['application/vnd.oci.image.layer.v1.tar+gzip+encrypted', 'layer'],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar', 'layer'],
  [mediaTypes.dockerLayer, 'layer'],
  [mediaTypes.dockerLayerZstd, 'layer'],
  ['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'layer'],
  ['application/vnd.docker.image.rootfs.diff.tar.lz4', 'unknown'],
  [mediaTypes.ociConfig, 'config'],
  [mediaTypes.dockerConfig, 'config'],
  ['application/vnd.in-toto+json', 'attestation'],
  ['application/json', 'unknown'],
])('refKey of %s begins with %s', (mediaType, kind) => {
  expect(refKey(at(mediaType))).toBe(`${kind}-${digest}`);
});

test('refKey has the name that the descriptor has', () => {
  const annotations = { 'org.opencontainers.image.ref.name': 'docker.io/library/a:1' };
  expect(refKey({ ...at(layer), annotations })).toBe(`layer-docker.io/library/a:1@${digest}`);
});

test('childLabels counts the children of each kind', () => {
  const ref = 'containerd.io/gc.ref.content';
  const keys = (...types: string[]) => Object.keys(childLabels(types.map(at)));
  expect(keys(mediaTypes.ociConfig, layer, layer)).toEqual([`${ref}.config`, `${ref}.l.0`, `${ref}.l.1`]);
  expect(keys(mediaTypes.ociManifest, mediaTypes.ociManifest)).toEqual([`${ref}.m.0`, `${ref}.m.1`]);
  expect(keys(mediaTypes.ociIndex, 'application/json')).toEqual([`${ref}.0`, `${ref}.1`]);
  expect(keys(mediaTypes.ociConfig, mediaTypes.ociConfig)).toEqual([`${ref}.config`, `${ref}.config1`]);
});
