import { GantryError } from '../base/errors.ts';
import { defaultLayerLimits, type LayerLimits } from '../base/layer-limits.ts';
import { binding } from './binding.ts';
import { cancellable } from './cancel.ts';
import type { Cancellable } from './sys.ts';

/** Where a layer's bytes come from: a file, or an open descriptor, which stays the caller's. */
export type LayerSource =
  | { readonly path: string; readonly offsetBytes?: number; readonly sizeBytes?: number }
  /** Without `offsetBytes` it is read on from where it stands, to its end or for `sizeBytes`: a pipe will do. */
  | { readonly fd: number; readonly offsetBytes?: number; readonly sizeBytes?: number }
  /**
   * A file that is still being written: at its end more is waited for until the pipe `growthFd` has a byte to read, and when
   * that is at its end, the file is whole.
   */
  | { readonly fd: number; readonly offsetBytes: number; readonly growthFd: number };

export interface ApplyLayerOptions {
  readonly source: LayerSource;
  /** Told from the first bytes by default. */
  readonly compression?: 'none' | 'gzip' | 'zstd';
  /** An existing directory. Its own owner, mode and times are left alone. */
  readonly target: string;
  /**
   * How deletions are written down: carried out in the target (`plain`), or as overlayfs has them in an upper directory,
   * for mounts without (`overlay`) or with (`overlay-userxattr`) the option `userxattr`.
   */
  readonly whiteouts: 'plain' | 'overlay' | 'overlay-userxattr';
  /**
   * Roots of the layers below, nearest first: a directory the layer implies but does not hold gets the attributes it
   * has there. Only for overlay targets.
   */
  readonly parents?: readonly string[];
  readonly limits?: Partial<LayerLimits>;
}

export interface AppliedLayer {
  /** Digest of the uncompressed archive. */
  readonly diffId: string;
  /** Digest of the bytes as they came. */
  readonly compressedDigest: string;
  /** Of the uncompressed archive. */
  readonly sizeBytes: number;
  readonly compressedSizeBytes: number;
  readonly entries: number;
  /**
   * Directories that were made for what lies in them, before or without an entry of their own. Those have the attributes of
   * the same directory in `parents`, or without that of a plain one.
   */
  readonly impliedDirectories: number;
  /**
   * The layer hides everything below it: its root is marked opaque. overlayfs does not heed such a mark. With `parents`
   * the names they have at the top were hidden one by one; without, whoever stacks the layers has to leave out those
   * below this one.
   */
  readonly opaqueRoot: boolean;
}

// In the order of the enums in decoder.h and layer.h.
const compressions = ['detect', 'none', 'gzip', 'zstd'] as const;
const whiteoutModes = ['plain', 'overlay', 'overlay-userxattr'] as const;

/** Unpacks a layer: see `Sys.applyLayer`. */
export async function applyLayer(options: ApplyLayerOptions, { signal }: Cancellable = {}): Promise<AppliedLayer> {
  const { source, target } = options;
  const limits = { ...defaultLayerLimits, ...options.limits };
  const [path, fd, offset] =
    'path' in source ? [source.path, -1, source.offsetBytes ?? 0] : [null, source.fd, source.offsetBytes ?? -1];
  const [sizeBytes, growthFd] = 'growthFd' in source ? [-1, source.growthFd] : [source.sizeBytes ?? -1, -1];
  try {
    const { diffId, compressedDigest, ...counts } = await cancellable(signal, (cancel) =>
      binding().applyLayer(
        path,
        fd,
        offset,
        sizeBytes,
        growthFd,
        compressions.indexOf(options.compression ?? 'detect'),
        target,
        whiteoutModes.indexOf(options.whiteouts),
        options.parents ?? [],
        limits.maxEntries,
        limits.maxNameBytes,
        limits.maxSizeBytes,
        limits.maxRatio,
        cancel,
      ),
    );
    return { diffId: `sha256:${diffId}`, compressedDigest: `sha256:${compressedDigest}`, ...counts };
  } catch (error) {
    if (!(error instanceof GantryError) || error.kind === 'canceled') throw error;
    throw new GantryError(error.kind, `apply layer to ${target}: ${error.message}`, { cause: error });
  }
}
