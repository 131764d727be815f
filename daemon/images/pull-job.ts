import { failpoint } from '../../base/failpoint.ts';
import type { Limiter } from '../../base/limiter.ts';
import { type Descriptor, isImageConfigType } from '../../image/manifest.ts';
import { childLabels } from '../../image/refs.ts';
import { resolveImage } from '../../image/resolve.ts';
import type { ContentReader } from '../content/content.ts';
import type { Context } from '../context.ts';
import type { ImageToUnpack, OnLayer } from '../unpack/unpacker.ts';
import type { DownloadContent, Downloads } from './downloads.ts';
import { checkDocumentSize, walk } from './graph.ts';
import { type ContentLabels, type LabeledContent, sourceLabel } from './labels.ts';
import { BlobProgress, wireDescriptor } from './progress.ts';
import type { PullRequest, UnpackTo } from './pull.ts';

/** Content as a namespace sees it. */
export interface PullContent extends DownloadContent, LabeledContent {
  open(ctx: Context, digest: string): Promise<ContentReader>;
}

export interface PullParts {
  readonly content: PullContent;
  readonly labels: ContentLabels;
  readonly downloads: Downloads;
  readonly unpacker: { unpack(ctx: Context, image: ImageToUnpack, onLayer?: OnLayer): Promise<string | undefined> };
  /** For layers and other large blobs of the image. */
  readonly turns: Limiter;
  /** For what is needed to know them. */
  readonly documentTurns: Limiter;
}

interface Brought {
  /** Resolves when the blob is there, or its arrival announced. */
  readonly known: Promise<void>;
  /** Resolves when it is there and labeled. */
  readonly there: Promise<void>;
}

/** One pull of one image. */
export class PullJob implements Disposable {
  readonly #parts: PullParts;
  readonly #ctx: Context;
  readonly #request: PullRequest;
  readonly #progress: BlobProgress;
  readonly #brought = new Map<string, Brought>();
  readonly #read = new Map<string, Promise<Buffer>>();
  readonly #departures: Promise<void>[] = [];
  readonly #work: Promise<void>[] = [];

  constructor(parts: PullParts, ctx: Context, request: PullRequest) {
    this.#parts = parts;
    this.#ctx = ctx;
    this.#request = request;
    this.#progress = new BlobProgress({
      onProgress: request.onProgress ?? (() => undefined),
      root: request.name,
      moving: 'downloading',
      offsetOf: (digest) => parts.content.arrivals.find(ctx.namespace, digest)?.offset,
    });
  }

  /** Resolves when everything that was asked for is there. */
  async run(target: Descriptor): Promise<void> {
    const { unpacks } = this.#request;
    const walked = walk(target, this.#request, {
      found: (descriptor) => this.#progress.waiting(descriptor),
      read: (descriptor) => this.#document(descriptor),
      parts: (descriptor, children) => this.#note(descriptor, children),
      blob: (descriptor) => this.#bring(descriptor).there,
    });
    this.#work.push(walked, ...unpacks.map((unpack) => this.#unpack(target, unpack)));
    await Promise.all(this.#work);
  }

  /**
   * Resolves when nothing is done any more for this pull, and unless it was given up, nobody waits for what was begun by it
   * under its lease.
   */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#work, ...[...this.#brought.values()].map(({ there }) => there)]);
    if (!this.#ctx.signal.aborted) await Promise.all(this.#departures);
  }

  [Symbol.dispose](): void {
    this.#progress[Symbol.dispose]();
  }

  /** A blob is brought once, whoever in the image refers to it. */
  #bring(descriptor: Descriptor): Brought {
    const existing = this.#brought.get(descriptor.digest);
    if (existing !== undefined) return existing;
    const known = Promise.withResolvers<void>();
    const there = this.#download(descriptor, known.resolve);
    there.then(known.resolve, known.reject);
    known.promise.catch(() => undefined);
    const brought = { known: known.promise, there };
    this.#brought.set(descriptor.digest, brought);
    return brought;
  }

  async #download(descriptor: Descriptor, onKnown: () => void): Promise<void> {
    const { downloads, labels, turns, documentTurns } = this.#parts;
    const { source } = this.#request;
    const isConfig = isImageConfigType(descriptor.mediaType);
    if (isConfig) checkDocumentSize(descriptor);
    const isDocument = isConfig || this.#read.has(descriptor.digest);
    const how = await downloads.bring(this.#ctx, {
      source,
      descriptor,
      labels: { [sourceLabel(source.domain)]: source.path },
      turns: isDocument ? documentTurns : turns,
      onLeft: (left) => void this.#departures.push(left),
      onKnown,
    });
    await labels.addSource(this.#ctx, descriptor.digest, source);
    this.#progress.waiting(descriptor);
    this.#progress.there(descriptor, how === 'exists' ? 'already exists' : 'complete');
  }

  /** The bytes of an index, manifest or config. */
  #document(descriptor: Descriptor): Promise<Buffer> {
    const known = this.#read.get(descriptor.digest);
    if (known !== undefined) return known;
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    this.#read.set(descriptor.digest, promise);
    resolve(this.#bringDocument(descriptor));
    return promise;
  }

  async #bringDocument(descriptor: Descriptor): Promise<Buffer> {
    checkDocumentSize(descriptor);
    await this.#bring(descriptor).there;
    await using reader = await this.#parts.content.open(this.#ctx, descriptor.digest);
    checkDocumentSize({ ...descriptor, size: reader.sizeBytes });
    const chunks: Buffer[] = [];
    for await (const chunk of reader.chunks(0, reader.sizeBytes)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async #note(descriptor: Descriptor, children: readonly Descriptor[]): Promise<void> {
    this.#progress.parts(descriptor, children);
    await this.#parts.labels.set(this.#ctx, descriptor.digest, childLabels(children));
    await failpoint('pull.manifest.labeled');
  }

  async #unpack(target: Descriptor, { platform, snapshotter }: UnpackTo): Promise<void> {
    const image = await resolveImage((descriptor) => this.#document(descriptor), target, platform);
    const layers = image.layers.map((layer) => this.#bring(layer));
    await Promise.all(layers.map(({ known }) => known));
    const work = {
      snapshotter,
      configDigest: image.configDigest,
      layers: image.layers.map((layer, n) => ({
        descriptor: wireDescriptor(layer),
        diffId: image.config.diffIds[n] as string,
      })),
    };
    const onLayer: OnLayer = (number, state) => {
      const layer = image.layers[number - 1] as Descriptor;
      this.#progress.extraction(layer, state === 'begun' ? 'extracting' : 'extracted');
    };
    const { unpacker } = this.#parts;
    try {
      await unpacker.unpack(this.#ctx, work, onLayer);
    } catch (error) {
      // If they do not come, that is what is wrong.
      await Promise.all(layers.map(({ there }) => there));
      this.#ctx.signal.throwIfAborted();
      // A layer that was asked for twice, or brought by somebody who gave up, may have come to nothing in between.
      const failed = await unpacker.unpack(this.#ctx, work, onLayer).catch(() => 'failed');
      if (failed === 'failed') throw error;
    }
  }
}
