import { verified } from '../../archive/documents.ts';
import type { ContentSink, NewBlob, StoredBlob } from '../../archive/store.ts';
import { GantryError, isKind } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import type { ContentReader, ContentWriter, Info, WriterOptions } from '../content/content.ts';
import type { Hasher } from '../content/digester.ts';
import type { Context } from '../context.ts';

/** Content as a namespace sees it. */
export interface Content {
  info(ctx: Context, digest: string): Promise<Info>;
  open(ctx: Context, digest: string): Promise<ContentReader>;
  writer(ctx: Context, options: WriterOptions): Promise<ContentWriter>;
  abort(ctx: Context, ref: string): Promise<void>;
  update(ctx: Context, change: Info, paths: readonly string[]): Promise<Info>;
  list(ctx: Context, filters: readonly string[]): AsyncIterable<Info>;
}

export interface ArchiveContentDeps {
  readonly content: Content;
  readonly createHasher: () => Hasher;
}

const chunkBytes = 1024 * 1024;
const uncompressedLabel = 'containerd.io/uncompressed';

/** The content of one namespace, under the lease of one transfer, as archives are read into and written from. */
export function contentOf(ctx: Context, deps: ArchiveContentDeps): ContentSink {
  const { content } = deps;
  return {
    info: async (digest) => {
      const { size, labels } = await content.info(ctx, digest);
      return { digest, sizeBytes: size, labels };
    },
    read: (digest, { maxBytes } = {}) =>
      maxBytes === undefined ? readVerified(ctx, deps, digest) : readStart(ctx, content, digest, maxBytes),
    write: (bytes, blob) => write(ctx, content, bytes, blob),
    setLabels: (digest, labels) => setLabels(ctx, content, digest, labels),
    findCompressed: (uncompressed) => findCompressed(ctx, content, uncompressed),
  };
}

async function* readStart(ctx: Context, content: Content, digest: string, length: number): AsyncGenerator<Buffer> {
  await using reader = await content.open(ctx, digest);
  yield* reader.chunks(0, length);
}

/** Hashed away from the event loop, where the addon knows how. */
async function* readVerified(
  ctx: Context,
  { content, createHasher }: ArchiveContentDeps,
  digest: string,
): AsyncGenerator<Uint8Array> {
  await using reader = await content.open(ctx, digest);
  const chunks = reader.chunks(0, reader.sizeBytes);
  if (!digest.startsWith('sha256:')) {
    yield* verified(chunks, digest);
    return;
  }
  const hasher = createHasher();
  for await (const chunk of chunks) {
    await hasher.update(chunk);
    yield chunk;
  }
  if (hasher.digest() !== digest) throw new GantryError('data-loss', `blob ${digest}: its bytes have another digest`);
}

async function write(
  ctx: Context,
  content: Content,
  bytes: AsyncIterable<Uint8Array>,
  { sizeBytes = 0, digest, labels = {} }: NewBlob,
): Promise<StoredBlob> {
  const ref = `transfer-${randomHex(8)}`;
  let writer: ContentWriter;
  try {
    writer = await content.writer(ctx, { ref, total: sizeBytes, expected: digest ?? '' });
  } catch (error) {
    if (digest === undefined || !isKind(error, 'already-exists')) throw error;
    return { digest, sizeBytes: await labelExisting(ctx, content, digest, labels) };
  }
  try {
    // What another namespace has need not come again: the writer then stands at its end.
    if (writer.status().offset === 0) for await (const chunk of inChunks(bytes)) await writer.write(chunk);
    const stored = { digest: digest ?? writer.digest(), sizeBytes: writer.status().offset };
    try {
      await writer.commit({ sizeBytes, expected: stored.digest, labels });
    } catch (error) {
      if (!isKind(error, 'already-exists')) throw error;
      await labelExisting(ctx, content, stored.digest, labels);
    }
    return stored;
  } catch (error) {
    await writer.close();
    await content.abort({ ...ctx, signal: new AbortController().signal }, ref).catch(() => undefined);
    throw error;
  }
}

/** Size of the blob in bytes. */
async function labelExisting(
  ctx: Context,
  content: Content,
  digest: string,
  labels: Readonly<Record<string, string>>,
): Promise<number> {
  await setLabels(ctx, content, digest, labels);
  return (await content.info(ctx, digest)).size;
}

async function setLabels(
  ctx: Context,
  content: Content,
  digest: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const paths = Object.keys(labels).map((name) => `labels.${name}`);
  if (paths.length === 0) return;
  await content.update(ctx, { digest, size: 0, createdAt: null, updatedAt: null, labels: { ...labels } }, paths);
}

/** Gathers small pieces, so that each write is worth a thread's while. */
async function* inChunks(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let gathered: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of pieces) {
    gathered.push(piece);
    sizeBytes += piece.length;
    if (sizeBytes < chunkBytes) continue;
    yield Buffer.concat(gathered);
    gathered = [];
    sizeBytes = 0;
  }
  if (sizeBytes > 0) yield Buffer.concat(gathered);
}

async function findCompressed(
  ctx: Context,
  content: Content,
  uncompressed: readonly string[],
): Promise<Map<string, StoredBlob>> {
  const found = new Map<string, StoredBlob>();
  if (uncompressed.length === 0) return found;
  const filters = uncompressed.map((digest) => `labels."${uncompressedLabel}"==${digest}`);
  for await (const { digest, size, labels } of content.list(ctx, filters)) {
    found.set(labels[uncompressedLabel] ?? '', { digest, sizeBytes: size });
  }
  return found;
}
