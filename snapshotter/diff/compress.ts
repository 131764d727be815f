import type { Transform } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { DiffCompression } from './media-types.ts';

const chunkSize = 1 << 18;

/** A compressor that works off the event loop, or undefined where there is nothing to compress. */
export function compressor(compression: DiffCompression): Transform | undefined {
  if (compression === 'none') return undefined;
  return compression === 'gzip' ? createGzip({ chunkSize }) : createZstdCompress({ chunkSize });
}
