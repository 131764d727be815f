import type { Mount } from '../snapshotter.ts';
import type { TemporaryMounts } from '../temporary-mounts.ts';
import { directTarget, type LayerTarget } from './layer-target.ts';
import type { LayerCompression } from './media-types.ts';

/** A layer's file and how to read it. */
export interface LayerSource {
  readonly path: string;
  readonly compression: LayerCompression;
}

export interface AppliedLayer {
  /** Digest of the uncompressed archive, to its last byte. */
  readonly diffId: string;
  /** Of the uncompressed archive. */
  readonly sizeBytes: number;
}

export interface Applier {
  /** Extracts a layer into a directory, off the event loop; no entry reaches anything outside. */
  applyLayer(
    layer: LayerSource & LayerTarget,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<AppliedLayer>;
  syncFileSystem(path: string): Promise<void>;
}

/**
 * Extracts a layer onto mounts and puts the files on disk. Where the mounts are one writable directory or the upper one of
 * an overlay, it is written to as it is, which spares the mount and copying directories up.
 */
export async function applyLayerTo(
  deps: { readonly sys: Applier; readonly mounts: TemporaryMounts },
  layer: LayerSource,
  mounts: readonly Mount[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<AppliedLayer> {
  const { sys } = deps;
  const extract = async (target: LayerTarget) => {
    const applied = await sys.applyLayer({ ...layer, ...target }, options);
    await sys.syncFileSystem(target.directory);
    return applied;
  };
  const direct = directTarget(mounts);
  if (direct !== undefined) return extract(direct);
  return deps.mounts.with(mounts, (directory) => extract({ directory, whiteouts: 'plain', lowerDirectories: [] }));
}
