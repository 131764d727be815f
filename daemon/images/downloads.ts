import { setTimeout as sleep } from 'node:timers/promises';
import { failedPrecondition, GantryError, invalidArgument, isKind } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { randomHex } from '../../base/ids.ts';
import type { Limiter } from '../../base/limiter.ts';
import { abortable } from '../../base/signals.ts';
import type { Descriptor } from '../../image/manifest.ts';
import { refKey } from '../../image/refs.ts';
import type { PullSource } from '../../registry/repository.ts';
import type { Arrival, Arrivals } from '../content/arrivals.ts';
import type { ContentWriter, Status, WriterOptions } from '../content/content.ts';
import type { Context } from '../context.ts';
import { Flights } from '../unpack/flights.ts';
import { attempt } from './attempt.ts';
import { IngestSink } from './ingest-sink.ts';
import { PartBudget } from './ranges.ts';
import { type RetryLimits, retrying } from './retry.ts';
import type { StallLimits } from './stall.ts';

/** Content as a namespace sees it. */
export interface DownloadContent {
  readonly arrivals: Arrivals;
  claim(ctx: Context, digest: string): Promise<boolean>;
  writer(ctx: Context, options: WriterOptions): Promise<ContentWriter>;
  status(ctx: Context, ref: string): Promise<Status>;
  abort(ctx: Context, ref: string): Promise<void>;
}

export interface DownloadLimits {
  readonly stall: StallLimits;
  readonly retry: RetryLimits;
}

export const defaultDownloadLimits: DownloadLimits = {
  stall: { intervalMs: 30_000, minBytes: 4_096 },
  retry: { attempts: 5, firstDelayMs: 250, maxDelayMs: 10_000 },
};

export interface BlobToDownload {
  readonly source: PullSource;
  readonly descriptor: Descriptor;
  /** What the blob's record begins with, if it is made here. */
  readonly labels: Readonly<Record<string, string>>;
  /** Lets so many be downloaded at once. */
  readonly turns: Limiter;
  /** Told when others may still wait for what was begun here: resolves when nobody does. */
  readonly onLeft: (left: Promise<void>) => void;
  /** Told when the blob is there or its arrival announced. */
  readonly onKnown: () => void;
}

/** Parts that wait in memory, of all downloads together: 48 MiB. */
const waitingParts = 12;
/** An attempt that brought as much as this, or a twentieth of the blob, was worth it. */
const worthBytes = 256 * 1024;
/** How long somebody else may have the ingest open without writing to it. */
const busyMs = 10_000;

/**
 * Brings blobs into namespaces, each once however many want it. What has come of one that breaks stays in its ingest, where
 * the next attempt goes on, also that of another daemon.
 */
export class Downloads {
  readonly #content: DownloadContent;
  readonly #limits: DownloadLimits;
  readonly #flights = new Flights();
  /** The blob is on its way into one of the namespaces; by digest. */
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #budget = new PartBudget(waitingParts);

  constructor(content: DownloadContent, limits: DownloadLimits = defaultDownloadLimits) {
    this.#content = content;
    this.#limits = limits;
  }

  /**
   * Resolves when the blob is in the namespace and the lease of the caller.
   * @throws GantryError as `PullSource.fetch`; failed-precondition for other bytes than the descriptor's
   */
  async bring(ctx: Context, blob: BlobToDownload): Promise<'exists' | 'arrived'> {
    const { digest, size } = blob.descriptor;
    // A host that tells no length, mostly.
    if (size === 0) throw invalidArgument(`blob ${digest}: its descriptor says that it has no bytes`);
    for (;;) {
      if (await this.#content.claim(ctx, digest)) {
        blob.onKnown();
        return 'exists';
      }
      let isOwn = false;
      const { arrived, left } = this.#flights.join(`${ctx.namespace}\0${digest}`, {
        signal: ctx.signal,
        start: (signal) => {
          isOwn = true;
          return this.#start({ ...ctx, signal }, blob);
        },
        // For others it came under the lease of who began.
        arrive: async () => void (isOwn || (await this.#content.claim(ctx, digest))),
      });
      if (left !== undefined) blob.onLeft(left);
      blob.onKnown();
      try {
        await arrived;
        return 'arrived';
      } catch (error) {
        // What failed for somebody else, with another repository or other credentials, need not fail here.
        if (isOwn || ctx.signal.aborted) throw error;
      }
    }
  }

  async #start(ctx: Context, blob: BlobToDownload): Promise<void> {
    const { digest } = blob.descriptor;
    const arrival = this.#content.arrivals.announce(ctx.namespace, digest);
    try {
      // What comes into one namespace is on disk for the next.
      for (let other = this.#underWay.get(digest); other !== undefined; other = this.#underWay.get(digest)) {
        await abortable(other, ctx.signal);
      }
      const done = Promise.withResolvers<void>();
      this.#underWay.set(digest, done.promise);
      try {
        await this.#download(ctx, blob, arrival);
      } finally {
        this.#underWay.delete(digest);
        done.resolve();
      }
      arrival.finish();
    } catch (error) {
      arrival.fail(error);
      throw error;
    }
  }

  async #download(ctx: Context, blob: BlobToDownload, arrival: Arrival): Promise<void> {
    const { digest, size } = blob.descriptor;
    try {
      // While this one is put on disk, another may have its turn.
      await using writer = await blob.turns.run(() => this.#fetch(ctx, blob, arrival), ctx);
      const { ref } = writer.status();
      await writer.commit({ sizeBytes: size, expected: digest, labels: blob.labels }).catch(async (error: unknown) => {
        // Nobody should go on with those bytes.
        if (isKind(error, 'failed-precondition')) await this.#content.abort(ctx, ref).catch(() => undefined);
        throw error;
      });
      await failpoint('pull.blob.committed');
    } catch (error) {
      if (!isKind(error, 'already-exists')) throw error;
    }
  }

  /** Resolves with a writer that has all of the blob. */
  async #fetch(ctx: Context, blob: BlobToDownload, arrival: Arrival): Promise<ContentWriter> {
    const writer = await this.#open(ctx, blob.descriptor);
    try {
      await failpoint('pull.blob.opened');
      await this.#fill(ctx, blob, new IngestSink(writer, arrival, blob.descriptor.size), writer);
      await failpoint('pull.blob.filled');
      return writer;
    } catch (error) {
      await writer.close();
      throw error;
    }
  }

  /** Until all of it is there, and right: bytes that are not are asked for once more, from the start. */
  async #fill(ctx: Context, blob: BlobToDownload, sink: IngestSink, writer: ContentWriter): Promise<void> {
    const { source, descriptor } = blob;
    const { digest, size } = descriptor;
    if (sink.offset > size) await sink.truncate();
    let mayDivide = true;
    let wasWrong = false;
    // What an earlier pull has left may be what is wrong.
    let host = 'what was here already';
    const once = async (previous: unknown) => {
      mayDivide &&= previous === undefined;
      if (sink.offset < size) {
        const work = { source, descriptor, sink, stall: this.#limits.stall, budget: this.#budget, mayDivide };
        host = await attempt(work, ctx);
      }
      if (!digest.startsWith('sha256:') || writer.digest() === digest) return;
      const text = `${host}: blob ${digest}: what was sent has digest ${writer.digest()}`;
      await sink.truncate();
      if (wasWrong) throw failedPrecondition(text);
      wasWrong = true;
      throw new GantryError('data-loss', text);
    };
    const worth = Math.min(worthBytes, Math.ceil(size / 20));
    await retrying(
      this.#limits.retry,
      { attempt: once, progress: () => sink.offset, worthBytes: worth },
      { signal: ctx.signal },
    );
  }

  /** Clients that pull by themselves use the same ingests: one of them may be about to bring it. */
  async #open(ctx: Context, descriptor: Descriptor): Promise<ContentWriter> {
    const { digest: expected, size: total } = descriptor;
    const ref = refKey(descriptor);
    const { signal } = ctx;
    let seen = { offset: -1, atMs: performance.now() };
    for (let delayMs = 5; ; delayMs = Math.min(delayMs * 2, 500)) {
      try {
        return await this.#content.writer(ctx, { ref, expected, total, signal });
      } catch (error) {
        if (!isKind(error, 'unavailable')) throw error;
      }
      const offset = await this.#content.status(ctx, ref).then(
        (status) => status.offset,
        () => -1,
      );
      if (offset !== seen.offset) seen = { offset, atMs: performance.now() };
      if (performance.now() - seen.atMs > busyMs) break;
      await sleep(delayMs);
      signal.throwIfAborted();
    }
    return this.#content.writer(ctx, { ref: `${ref}-${randomHex(4)}`, expected, total, signal });
  }
}
