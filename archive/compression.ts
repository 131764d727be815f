import type { ContentSource } from './store.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

/** How many bytes `compressionOf` needs. */
export const compressionPeekBytes = 4;

/** How something is compressed, told by its first bytes. */
export function compressionOf(start: Uint8Array): Compression {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  const isZstd = start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd;
  return isZstd ? 'zstd' : 'none';
}

/** How a blob is compressed; its media type may say otherwise. */
export async function compressionOfBlob(source: ContentSource, digest: string): Promise<Compression> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.read(digest, { maxBytes: compressionPeekBytes })) chunks.push(chunk);
  return compressionOf(Buffer.concat(chunks));
}
