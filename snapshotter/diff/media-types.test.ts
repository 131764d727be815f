import { expect, test } from 'vitest';
import { diffCompression, layerCompression } from './media-types.ts';

const oci = 'application/vnd.oci.image.layer.v1.tar';
const foreign = 'application/vnd.oci.image.layer.nondistributable.v1.tar';
const docker = 'application/vnd.docker.image.rootfs.diff.tar';

test.for([oci, foreign])('%s is taken at its word', (mediaType) => {
  expect(layerCompression(mediaType)).toBe('none');
});

test.for([`${oci}+gzip`, `${foreign}+zstd`, docker, `${docker}.gzip`, `${docker}.zstd`])(
  'the compression of %s is told by its first bytes',
  (mediaType) => {
    expect(layerCompression(mediaType)).toBe('detect');
  },
);

test.for(['', 'text/plain', `${oci}+encrypted`, `${oci}+gzip+encrypted`, `${docker}.gzip+encrypted`, `${oci}+br`])(
  '%j is left to others',
  (mediaType) => {
    expect(layerCompression(mediaType)).toBeUndefined();
  },
);

test('layers are written plain, with gzip or with zstd', () => {
  expect([oci, `${oci}+gzip`, `${oci}+zstd`].map(diffCompression)).toEqual(['none', 'gzip', 'zstd']);
  expect(() => diffCompression(docker)).toThrow(expect.objectContaining({ kind: 'unimplemented' }));
});
