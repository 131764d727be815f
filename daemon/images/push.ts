import { Limiter } from '../../base/limiter.ts';
import { linkedController } from '../../base/signals.ts';
import type { Descriptor } from '../../image/manifest.ts';
import type { Platform } from '../../image/platform.ts';
import type { PushTarget } from '../../registry/repository.ts';
import type { Context } from '../context.ts';
import { type OnProgress, step } from './progress.ts';
import { type PushContent, PushJob } from './push-job.ts';

/** The repository of one operation, and how it is called. */
export type TargetRepository = PushTarget & {
  /** Host with optional port, as in references. */
  readonly domain: string;
  readonly path: string;
};

export interface PushRequest {
  readonly target: TargetRepository;
  /** The target as progress tells it: `OCI Registry (docker.io/library/alpine:latest)`. */
  readonly targetName: string;
  /** The tag that the image gets; none to store it by its digest alone. */
  readonly tag?: string;
  /** The image as progress calls it. */
  readonly name: string;
  readonly image: Descriptor;
  /** Only what an index has for these, in addition to itself; none for all there is. */
  readonly platforms: readonly Platform[];
  readonly onProgress?: OnProgress;
}

export interface ImagePusherOptions {
  /** Blobs that are sent at once, all pushes together; 3 if absent, as containerd has it. */
  readonly maxUploads?: number;
}

const defaultMaxUploads = 3;

/** Pushes images, all those of the daemon. */
export class ImagePusher {
  readonly #content: PushContent;
  readonly #turns: Limiter;

  constructor({ content }: { readonly content: PushContent }, options: ImagePusherOptions = {}) {
    this.#content = content;
    this.#turns = new Limiter(options.maxUploads ?? defaultMaxUploads);
  }

  /**
   * Stores an image of this namespace in a repository: blobs before the manifests that name them, manifests before indexes,
   * and nothing that is there already.
   * @throws GantryError not-found for content that is not here, naming who refers to it
   */
  async push(ctx: Context, request: PushRequest): Promise<void> {
    const { name, image: target, targetName, onProgress = () => undefined } = request;
    onProgress(step(`Pushing to ${targetName}`));
    onProgress(step('pushing content', { name, target }));
    using controller = linkedController(ctx.signal);
    using job = new PushJob(
      { content: this.#content, turns: this.#turns },
      { ...ctx, signal: controller.signal },
      request,
    );
    try {
      await job.run();
    } catch (error) {
      // The first failure ends them all.
      controller.abort(error);
      throw ctx.signal.aborted ? ctx.signal.reason : error;
    } finally {
      await job.settled();
    }
    onProgress(step('pushed content', { name, target }));
    onProgress(step(`Completed push to ${targetName}`, { name: '', target }));
  }
}
