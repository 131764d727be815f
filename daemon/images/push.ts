import type { Descriptor } from '../../image/manifest.ts';
import type { Platform } from '../../image/platform.ts';
import type { PushTarget } from '../../registry/repository.ts';
import type { Context } from '../context.ts';
import type { OnProgress } from './progress.ts';

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

/** Pushes images, all those of the daemon. */
export interface ImagePusher {
  /**
   * Stores an image of this namespace in a repository: blobs before the manifests that name them, manifests before indexes,
   * and nothing that is there already.
   * @throws GantryError not-found for content that is not here
   */
  push(ctx: Context, request: PushRequest): Promise<void>;
}
