import { PassThrough, pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { type Compression, compressionOf, compressionPeekBytes } from './compression.ts';

const decompressors: Readonly<Record<Compression, () => Transform>> = {
  none: () => new PassThrough(),
  gzip: createGunzip,
  zstd: createZstdDecompress,
};

/**
 * The plain bytes of a stream that may be compressed with gzip or zstd, told by its first bytes; zlib works on a thread of
 * its own. Destroying the result ends `source`; a failure of `source` or of the decompression fails the result.
 */
export async function decompressed(source: AsyncIterable<Uint8Array>): Promise<Readable> {
  const iterator = source[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let headBytes = 0;
  while (headBytes < compressionPeekBytes) {
    const next = await iterator.next();
    if (next.done) break;
    head.push(next.value);
    headBytes += next.value.length;
  }
  const whole = Readable.from(replay(head, iterator), { objectMode: false });
  // Its failures come out of the result.
  return pipeline(whole, decompressors[compressionOf(Buffer.concat(head))](), () => undefined);
}

async function* replay(head: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* head;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
