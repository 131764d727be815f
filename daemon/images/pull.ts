import { failpoint } from '../../base/failpoint.ts';
import { Limiter } from '../../base/limiter.ts';
import { linkedController } from '../../base/signals.ts';
import type { Descriptor } from '../../image/manifest.ts';
import type { Platform } from '../../image/platform.ts';
import type { PullSource } from '../../registry/repository.ts';
import type { Context } from '../context.ts';
import { type DownloadLimits, Downloads, defaultDownloadLimits } from './downloads.ts';
import { checkTarget } from './graph.ts';
import { ContentLabels } from './labels.ts';
import { PullLeases, type PullLeasesDeps } from './leases.ts';
import { type OnProgress, step } from './progress.ts';
import { PullJob, type PullParts } from './pull-job.ts';
import { retrying } from './retry.ts';
import type { Selection } from './selection.ts';

/** The repository of one operation, and how it is called. */
export type SourceRepository = PullSource & {
  /** Host with optional port, as in references. */
  readonly domain: string;
  readonly path: string;
};

/** Snapshots to be made of an image. */
export interface UnpackTo {
  readonly platform: Platform;
  readonly snapshotter: string;
}

export interface PullRequest extends Selection {
  readonly source: SourceRepository;
  /** The source as progress tells it: `OCI Registry (docker.io/library/alpine:latest)`. */
  readonly sourceName: string;
  readonly tagOrDigest: string;
  /** The image as progress calls it. */
  readonly name: string;
  readonly unpacks: readonly UnpackTo[];
  /**
   * Stores the records of images, when everything they lead to is there and held by the lease of the context it is given.
   * Resolves with those that were stored.
   */
  readonly save: (ctx: Context, target: Descriptor) => Promise<readonly SavedImage[]>;
  readonly onProgress?: OnProgress;
}

/** An image record that was stored. */
export interface SavedImage {
  readonly name: string;
  readonly target: Descriptor;
}

export interface Pulled {
  readonly target: Descriptor;
  readonly images: readonly SavedImage[];
}

export interface ImagePullerDeps extends PullLeasesDeps, Pick<PullParts, 'content' | 'unpacker'> {}

export interface ImagePullerOptions {
  /** Layers of one image that are downloaded at once; 3 if absent, as containerd has it. */
  readonly maxDownloads?: number;
  readonly limits?: DownloadLimits;
}

const defaultMaxDownloads = 3;
/** Manifests and configs of one image. */
const maxDocumentDownloads = 6;
/** A registry that is not there should not take long to be told of. */
const resolveAttempts = 3;

/** Pulls images, all those of the daemon: what several want at once comes once. */
export class ImagePuller {
  readonly #options: Required<ImagePullerOptions>;
  readonly #leases: PullLeases;
  readonly #parts: Omit<PullParts, 'turns' | 'documentTurns'>;

  constructor(deps: ImagePullerDeps, options: ImagePullerOptions = {}) {
    const { maxDownloads = defaultMaxDownloads, limits = defaultDownloadLimits } = options;
    this.#options = { maxDownloads, limits };
    this.#leases = new PullLeases(deps);
    const { content, unpacker } = deps;
    this.#parts = { content, unpacker, labels: new ContentLabels(content), downloads: new Downloads(content, limits) };
  }

  /**
   * Brings an image and what is selected of it into the content of the namespace, makes the snapshots, then has the records
   * stored. On failure no record is, and what came whole, or in part, is kept for a day, for another attempt.
   * @throws GantryError not-found when no platform suits, invalid-argument for documents out of order,
   *   failed-precondition for bytes that are not those of their descriptor, unavailable or deadline-exceeded for a host that
   *   ends or stalls
   */
  async pull(ctx: Context, request: PullRequest): Promise<Pulled> {
    const { name, sourceName, onProgress = () => undefined } = request;
    onProgress(step(`Resolving from ${sourceName}`));
    const target = await this.#resolve(ctx, request);
    checkTarget(target);
    onProgress(step(`Pulling from ${sourceName}`));
    onProgress(step('fetching image content', { name, target }));
    const lease = await this.#leases.open(ctx, name);
    try {
      const images = await this.#bring({ ...ctx, leaseId: lease }, request, target);
      if (ctx.leaseId !== undefined) await this.#leases.hold(ctx, ctx.leaseId, target.digest);
      await failpoint('pull.image.saved');
      await this.#leases.close({ ...ctx, signal: new AbortController().signal }, lease, name);
      for (const image of images) onProgress(step('saved', image));
      onProgress(step(`Completed pull from ${sourceName}`));
      return { target, images };
    } catch (error) {
      this.#leases.leave(lease);
      throw error;
    }
  }

  #resolve({ signal }: Context, { source, tagOrDigest }: PullRequest): Promise<Descriptor> {
    const retry = { ...this.#options.limits.retry, attempts: resolveAttempts };
    const attempt = () => source.resolve(tagOrDigest, { signal });
    return retrying(retry, { attempt, progress: () => 0, worthBytes: 1 }, { signal });
  }

  async #bring(ctx: Context, request: PullRequest, target: Descriptor): Promise<readonly SavedImage[]> {
    using controller = linkedController(ctx.signal);
    const parts = {
      ...this.#parts,
      turns: new Limiter(this.#options.maxDownloads),
      documentTurns: new Limiter(maxDocumentDownloads),
    };
    const held = { ...ctx, signal: controller.signal };
    using job = new PullJob(parts, held, request);
    try {
      await job.run(target);
      await failpoint('pull.image.complete');
      return await request.save(held, target);
    } catch (error) {
      // The first failure ends them all.
      controller.abort(error);
      throw ctx.signal.aborted ? ctx.signal.reason : error;
    } finally {
      await job.settled();
    }
  }
}
