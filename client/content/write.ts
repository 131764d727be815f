import { isKind } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import type { Init, Messages } from '../../proto/codec.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { RequestQueue } from './request-queue.ts';

const chunkBytes = 1024 * 1024;
const abortTimeoutMs = 10_000;

type WriteRequest = Init<Messages['containerd.services.content.v1.WriteContentRequest']>;

/** What is known of a blob before it is written. */
export interface BlobInit {
  /** Without it what `source` gives is taken. */
  readonly sizeBytes?: number | undefined;
  /** Without it the daemon's own digest is taken. */
  readonly digest?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/**
 * Writes a blob and returns its digest. A blob that is there already counts as written, and `source` is then not read.
 * @throws GantryError failed-precondition when size or digest turn out otherwise; nothing of the blob is then left
 */
export async function writeBlob(
  client: Client,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  blob: BlobInit,
  options: CallOptions = {},
): Promise<string> {
  const content = client.service('containerd.services.content.v1.Content');
  const head = { ref: `gantry-${randomHex(8)}`, total: blob.sizeBytes ?? 0, expected: blob.digest ?? '' };
  const requests = new RequestQueue<WriteRequest>();
  const responses = content.Write(requests, options);
  const exchange = async (request: WriteRequest) => {
    requests.push(request);
    const { value } = await responses.next();
    return value;
  };
  try {
    await exchange({ action: 'STAT', ...head });
    let offset = 0;
    for await (const data of inChunks(source)) {
      await exchange({ action: 'WRITE', ...head, offset, data });
      offset += data.length;
    }
    // Without an expected digest a blob that exists already shows only here, by its running digest and an AlreadyExists.
    const status = await exchange({ action: 'STAT', ...head });
    const digest = blob.digest ?? status?.digest ?? '';
    const commit = { action: 'COMMIT', ...head, expected: digest, offset, total: blob.sizeBytes ?? offset } as const;
    await exchange({ ...commit, labels: { ...blob.labels } }).catch(ignoreExisting);
    return digest;
  } catch (error) {
    if (blob.digest !== undefined && isKind(error, 'already-exists')) return blob.digest;
    await content.Abort({ ref: head.ref }, { timeoutMs: abortTimeoutMs }).catch(() => undefined);
    throw error;
  } finally {
    requests.end();
    await responses.return(undefined);
  }
}

function ignoreExisting(error: unknown): void {
  if (!isKind(error, 'already-exists')) throw error;
}

/** Gathers small pieces, so that a message is worth its round trip. */
async function* inChunks(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of source) {
    pieces.push(piece);
    sizeBytes += piece.length;
    if (sizeBytes < chunkBytes) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    sizeBytes = 0;
  }
  if (sizeBytes > 0) yield Buffer.concat(pieces);
}
