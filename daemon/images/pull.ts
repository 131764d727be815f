import type { Descriptor } from '../../image/manifest.ts';
import type { Platform } from '../../image/platform.ts';
import type { PullSource } from '../../registry/repository.ts';
import type { Context } from '../context.ts';
import type { OnProgress } from './progress.ts';

/** The repository of one operation, and how it is called. */
export type SourceRepository = PullSource & {
  /** Host with optional port, as in references. */
  readonly domain: string;
  readonly path: string;
};

/** Which parts of an index are wanted. */
export interface Selection {
  /** Those that suit these best, most wanted first; none for all there are. */
  readonly platforms: readonly Platform[];
  /** Also the manifests and configs, but not the layers, of all others. */
  readonly allMetadata: boolean;
  /** Manifests to take of an index at most; 0 for no limit. */
  readonly manifestLimit: number;
}

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

/** Pulls images, all those of the daemon: what several want at once comes once. */
export interface ImagePuller {
  /**
   * Brings an image and what is selected of it into the content of the namespace, makes the snapshots, then has the records
   * stored. On failure no record is, and what came whole, or in part, is kept for a day, for another attempt.
   * @throws GantryError not-found when no platform suits, invalid-argument for documents out of order,
   *   failed-precondition for bytes that are not those of their descriptor, unavailable for a host that ends or stalls
   */
  pull(ctx: Context, request: PullRequest): Promise<Pulled>;
}
