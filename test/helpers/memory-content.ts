import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { ContentSink, NewBlob, StoredBlob } from '../../archive/store.ts';
import { failedPrecondition, notFound } from '../../base/errors.ts';

interface Blob {
  readonly bytes: Buffer;
  readonly labels: Record<string, string>;
}

const readChunkBytes = 64 * 1024;

/** A content store in memory, for what is told of one: it counts what is asked of it. */
export class MemoryContent implements ContentSink {
  readonly blobs = new Map<string, Blob>();
  /** Bytes handed out by `read` so far. */
  readBytes = 0;

  /** Puts a blob in and returns its digest. */
  put(content: Buffer | string): string {
    const bytes = Buffer.from(content);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if (!this.blobs.has(digest)) this.blobs.set(digest, { bytes, labels: {} });
    return digest;
  }

  bytesOf(digest: string): Buffer {
    const blob = this.blobs.get(digest);
    if (blob === undefined) throw notFound(`content ${digest}: not found`);
    return blob.bytes;
  }

  async info(digest: string) {
    const sizeBytes = this.bytesOf(digest).length;
    return { digest, sizeBytes, labels: this.blobs.get(digest)?.labels ?? {} };
  }

  async *read(digest: string, { maxBytes = Number.POSITIVE_INFINITY } = {}): AsyncGenerator<Uint8Array> {
    const bytes = this.bytesOf(digest).subarray(0, maxBytes);
    for (let offset = 0; offset < bytes.length; offset += readChunkBytes) {
      const chunk = bytes.subarray(offset, offset + readChunkBytes);
      this.readBytes += chunk.length;
      yield chunk;
    }
  }

  async write(source: AsyncIterable<Uint8Array>, { sizeBytes, digest, labels }: NewBlob): Promise<StoredBlob> {
    if (digest !== undefined && this.blobs.has(digest)) return this.info(digest);
    const bytes = await buffer(source);
    const actual = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if ((digest ?? actual) !== actual)
      throw failedPrecondition(`unexpected commit digest ${actual}, expected ${digest}`);
    if ((sizeBytes ?? bytes.length) !== bytes.length)
      throw failedPrecondition(`unexpected commit size ${bytes.length}`);
    this.put(bytes);
    await this.setLabels(actual, labels ?? {});
    return { digest: actual, sizeBytes: bytes.length };
  }

  async setLabels(digest: string, labels: Readonly<Record<string, string>>): Promise<void> {
    this.bytesOf(digest);
    Object.assign(this.blobs.get(digest)?.labels ?? {}, labels);
  }

  async findCompressed(uncompressed: readonly string[]): Promise<Map<string, StoredBlob>> {
    const found = new Map<string, StoredBlob>();
    for (const [digest, { bytes, labels }] of this.blobs) {
      const plain = labels['containerd.io/uncompressed'] ?? '';
      if (uncompressed.includes(plain)) found.set(plain, { digest, sizeBytes: bytes.length });
    }
    return found;
  }
}
