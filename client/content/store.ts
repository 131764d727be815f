import { verified } from '../../archive/documents.ts';
import { uncompressedLabel } from '../../archive/layers.ts';
import type { ContentSink, NewBlob, StoredBlob } from '../../archive/store.ts';
import { notFound } from '../../base/errors.ts';
import type { CallOptions } from '../call.ts';
import type { Client } from '../client.ts';
import { setLabels } from './labels.ts';
import { writeBlob } from './write.ts';

const service = 'containerd.services.content.v1.Content';
const filtersPerCall = 100;

/** The content store of any containerd as archives are read into and written from; `options` are those of every call. */
export function contentOf(client: Client, options: CallOptions = {}): ContentSink {
  return {
    info: (digest) => info(client, digest, options),
    read: (digest, { maxBytes } = {}) =>
      maxBytes === undefined
        ? verified(chunks(client, digest, 0, options), digest)
        : chunks(client, digest, maxBytes, options),
    write: (bytes, blob) => write(client, bytes, blob, options),
    setLabels: (digest, labels) => setLabels(client, digest, labels, options),
    findCompressed: (uncompressed) => findCompressed(client, uncompressed, options),
  };
}

async function info(client: Client, digest: string, options: CallOptions) {
  const response = await client.service(service).Info({ digest }, options);
  if (response.info === null) throw notFound(`content ${digest}: not found`);
  return { digest, sizeBytes: response.info.size, labels: response.info.labels };
}

/** @param maxBytes 0 for all */
async function* chunks(
  client: Client,
  digest: string,
  maxBytes: number,
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  let left = maxBytes === 0 ? Number.POSITIVE_INFINITY : maxBytes;
  for await (const { data } of client.service(service).Read({ digest, size: maxBytes }, options)) {
    if (data.length > 0) yield data.subarray(0, Math.min(data.length, left));
    left -= data.length;
    if (left <= 0) return;
  }
}

async function write(
  client: Client,
  bytes: AsyncIterable<Uint8Array>,
  blob: NewBlob,
  options: CallOptions,
): Promise<StoredBlob> {
  let countedBytes = 0;
  const counted = async function* () {
    for await (const chunk of bytes) {
      countedBytes += chunk.length;
      yield chunk;
    }
  };
  const digest = await writeBlob(client, counted(), blob, options);
  if (blob.sizeBytes !== undefined) return { digest, sizeBytes: blob.sizeBytes };
  // What is there already is not read.
  if (blob.digest !== undefined) return info(client, digest, options);
  return { digest, sizeBytes: countedBytes };
}

async function findCompressed(
  client: Client,
  uncompressed: readonly string[],
  options: CallOptions,
): Promise<Map<string, StoredBlob>> {
  const found = new Map<string, StoredBlob>();
  for (let start = 0; start < uncompressed.length; start += filtersPerCall) {
    const filters = uncompressed
      .slice(start, start + filtersPerCall)
      .map((digest) => `labels."${uncompressedLabel}"==${digest}`);
    for await (const { info: infos } of client.service(service).List({ filters }, options)) {
      for (const { digest, size, labels } of infos) {
        found.set(labels[uncompressedLabel] ?? '', { digest, sizeBytes: size });
      }
    }
  }
  return found;
}
