import { expect, test } from 'vitest';
import { routeFor, type StreamProcessor } from './stream-processors.ts';

const plain = 'application/vnd.oci.image.layer.v1.tar';

function processor(id: string, accepts: string[], returns: string): StreamProcessor {
  return { id, accepts, returns, path: `/bin/${id}`, args: [], env: [] };
}

const decrypt = processor('decrypt', [`${plain}+gzip+encrypted`], `${plain}+gzip`);
const unxz = processor('unxz', [`${plain}+xz`, 'text/xz'], plain);

function idsFor(processors: StreamProcessor[], mediaType: string) {
  const { steps, compression } = routeFor(processors, mediaType);
  return [...steps.map(({ processor: { id }, mediaType: read }) => `${id} < ${read}`), compression];
}

test('a layer goes through processors until it is one that can be applied', () => {
  expect(idsFor([decrypt, unxz], `${plain}+gzip+encrypted`)).toEqual([`decrypt < ${plain}+gzip+encrypted`, 'detect']);
  expect(idsFor([decrypt, unxz], `${plain}+xz`)).toEqual([`unxz < ${plain}+xz`, 'none']);
  expect(idsFor([decrypt, unxz], `${plain}+gzip`)).toEqual(['detect']);
  const first = processor('first', ['a'], 'text/xz');
  expect(idsFor([first, unxz], 'a')).toEqual(['first < a', 'unxz < text/xz', 'none']);
});

test('processors come before what is built in, once for plain layers', () => {
  const filter = processor('filter', [plain, `${plain}+gzip`], plain);
  expect(idsFor([filter], plain)).toEqual([`filter < ${plain}`, 'none']);
  expect(idsFor([filter], `${plain}+gzip`)).toEqual([`filter < ${plain}+gzip`, 'none']);
});

test('what nobody reads is refused, and so is going round in circles', () => {
  const text = `failed to get stream processor for text/plain: no processor for media-type`;
  expect(() => routeFor([unxz], 'text/plain')).toThrow(
    expect.objectContaining({ kind: 'unimplemented', message: text }),
  );
  const circle = [processor('to', ['a'], 'b'), processor('fro', ['b'], 'a')];
  expect(() => routeFor(circle, 'a')).toThrow('more than 16 processors in a row');
});
