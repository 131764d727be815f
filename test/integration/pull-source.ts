import { sha256Of } from '../../base/digest.ts';
import { GantryError, notFound } from '../../base/errors.ts';
import type { SourceRepository } from '../../daemon/images/pull.ts';
import { type Descriptor, mediaTypes } from '../../image/manifest.ts';
import type { Platform } from '../../image/platform.ts';
import type { Range, RemoteBlob, RequestOptions } from '../../registry/repository.ts';

export const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** How a host misbehaves with one blob. */
export interface Manners {
  /** Bytes after which the connection of the first, second … request breaks. */
  readonly cuts?: number[];
  readonly ignoresRanges?: boolean;
  /** Sends this instead. */
  readonly sends?: Buffer;
  /** Does not tell how long it is. */
  readonly withoutSize?: boolean;
  readonly chunkBytes?: number;
  /** Before each chunk. */
  readonly wait?: (offset: number, signal: AbortSignal) => Promise<void>;
}

/** A registry of one repository whose bytes come as a test wants them to. */
export class TestSource implements SourceRepository {
  readonly domain = 'registry.test:5000';
  readonly path: string;
  readonly blobs = new Map<string, Buffer>();
  readonly tagged = new Map<string, Descriptor>();
  readonly manners = new Map<string, Manners>();
  readonly requests: { digest: string; offset: number; length: number | undefined }[] = [];
  /** Bytes that were sent of each blob. */
  readonly sent = new Map<string, number>();
  open = 0;

  constructor(path = 'some/image') {
    this.path = path;
  }

  put(mediaType: string, content: Buffer | object, rest: Partial<Descriptor> = {}): Descriptor {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    const digest = sha256Of(bytes);
    this.blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length, ...rest };
  }

  manifest(layers: readonly Descriptor[], platform: Platform = { os: 'linux', architecture: 'amd64' }): Descriptor {
    const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) };
    const config = this.put(mediaTypes.ociConfig, { ...platform, rootfs });
    return this.put(mediaTypes.ociManifest, { schemaVersion: 2, config, layers }, { platform });
  }

  index(manifests: readonly Descriptor[]): Descriptor {
    return this.put(mediaTypes.ociIndex, { schemaVersion: 2, manifests });
  }

  requestsOf({ digest }: Descriptor): number[] {
    return this.requests.filter((request) => request.digest === digest).map(({ offset }) => offset);
  }

  async resolve(tag: string): Promise<Descriptor> {
    const found = this.tagged.get(tag);
    if (found === undefined) throw notFound(`tag ${tag}`);
    return found;
  }

  async fetch(
    { digest }: Descriptor,
    { offset = 0, length, signal }: RequestOptions & Partial<Range>,
  ): Promise<RemoteBlob> {
    signal.throwIfAborted();
    const manners = this.manners.get(digest) ?? {};
    const bytes = manners.sends ?? this.blobs.get(digest);
    if (bytes === undefined) throw notFound(`blob ${digest}`);
    this.requests.push({ digest, offset, length });
    const from = manners.ignoresRanges ? 0 : offset;
    const end = manners.ignoresRanges || length === undefined ? bytes.length : offset + length;
    const closing = new AbortController();
    const send = this.#send(digest, bytes.subarray(from, end), manners, AbortSignal.any([signal, closing.signal]));
    const close = async () => closing.abort(new GantryError('canceled', 'closed'));
    return {
      host: this.domain,
      offset: from,
      takesRanges: manners.ignoresRanges !== true,
      sizeBytes: manners.withoutSize ? undefined : bytes.length,
      body: send,
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  async referrers(): Promise<readonly Descriptor[]> {
    return [];
  }

  async *tags(): AsyncGenerator<string> {}

  async *#send(digest: string, bytes: Buffer, manners: Manners, signal: AbortSignal): AsyncGenerator<Buffer> {
    const { chunkBytes = 64 * 1024, wait } = manners;
    const cut = manners.cuts?.shift();
    const end = Math.min(bytes.length, cut ?? bytes.length);
    this.open += 1;
    try {
      for (let at = 0; at < end; ) {
        const chunk = bytes.subarray(at, Math.min(end, at + chunkBytes));
        await (wait?.(at, signal) ?? new Promise(setImmediate));
        signal.throwIfAborted();
        at += chunk.length;
        this.sent.set(digest, (this.sent.get(digest) ?? 0) + chunk.length);
        yield chunk;
      }
      if (cut !== undefined) throw new GantryError('unavailable', `${this.domain}: connection reset`);
    } finally {
      this.open -= 1;
    }
  }
}
