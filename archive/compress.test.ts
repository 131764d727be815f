import { buffer } from 'node:stream/consumers';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { noise } from '../test/helpers/oci-image.ts';
import { compressed } from './compress.ts';

const words =
  noise('words', 4_000)
    .toString('base64')
    .match(/.{1,40}/g) ?? [];
const text = Buffer.from(Array.from({ length: 100_000 }, (_, n) => words[(n * n) % words.length]).join('\n'));

async function* pieces(bytes: Buffer, pieceBytes: number): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) yield bytes.subarray(offset, offset + pieceBytes);
}

const expand = { gzip: gunzipSync, zstd: zstdDecompressSync };

for (const compression of ['gzip', 'zstd'] as const) {
  test(`${compression}: pieces do not matter`, async () => {
    const [first, ...others] = await Promise.all(
      [text.length, 65_536, 32_768, 1_000_003].map((size) => buffer(compressed(pieces(text, size), compression))),
    );
    expect(expand[compression](first ?? text).equals(text)).toBe(true);
    expect(first?.length).toBeLessThan(text.length / 2);
    for (const other of others) expect(other.equals(first ?? text)).toBe(true);
  });

  test(`${compression}: nothing and a failure`, async () => {
    expect(expand[compression](await buffer(compressed(pieces(Buffer.alloc(0), 1), compression)))).toHaveLength(0);
    const failing = (async function* () {
      yield text;
      throw new Error('source is gone');
    })();
    await expect(buffer(compressed(failing, compression))).rejects.toThrow('source is gone');
  });
}
