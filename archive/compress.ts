import { pipeline, Readable, type Transform } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { Compression } from './compression.ts';

const pieceBytes = 1024 * 1024;
const compressors: Readonly<Record<Exclude<Compression, 'none'>, () => Transform>> = {
  gzip: () => createGzip({ chunkSize: pieceBytes }),
  zstd: () => createZstdCompress({ chunkSize: pieceBytes }),
};

/**
 * Bytes compressed as they come; zlib works on a thread of its own. The same bytes always give the same result, in whatever
 * pieces they come. A failure of `source` fails the result, and destroying that ends `source`.
 */
export function compressed(source: AsyncIterable<Uint8Array>, compression: Exclude<Compression, 'none'>): Readable {
  const compressor = compressors[compression]();
  // Its failures come out of the result.
  pipeline(Readable.from(inPieces(source), { objectMode: false }), compressor, () => undefined);
  return compressor;
}

/** What zstd makes of bytes depends on the pieces in which it gets them. */
async function* inPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  for await (const chunk of source) {
    gathered.push(chunk);
    gatheredBytes += chunk.length;
    if (gatheredBytes < pieceBytes) continue;
    const bytes = Buffer.concat(gathered);
    let offset = 0;
    for (; bytes.length - offset >= pieceBytes; offset += pieceBytes) yield bytes.subarray(offset, offset + pieceBytes);
    gathered = [bytes.subarray(offset)];
    gatheredBytes = bytes.length - offset;
  }
  if (gatheredBytes > 0) yield Buffer.concat(gathered);
}
