import { GantryError } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import type { LayerLimits } from '../../base/layer-limits.ts';
import type { AppliedLayer, LayerSource, Sys } from '../../native/sys.ts';
import type { Mount } from '../snapshotter.ts';
import type { TemporaryMounts } from '../temporary-mounts.ts';
import { directTarget, type LayerTarget } from './layer-target.ts';
import type { LayerCompression } from './media-types.ts';

/** Where a layer's bytes come from and what is known of them. */
export interface LayerBlob {
  readonly source: LayerSource;
  /** The digest that they should have, if it is known. */
  readonly digest?: string;
  readonly compression: LayerCompression;
}

export type Applier = Pick<Sys, 'applyLayer' | 'syncFileSystem'>;

export interface ApplyDeps {
  readonly sys: Applier;
  readonly mounts: TemporaryMounts;
}

export interface ApplyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Partial<LayerLimits>;
  /** The files need not be on disk when it resolves: whoever makes the snapshot permanent syncs them. */
  readonly unsynced?: boolean;
}

/**
 * Extracts a layer onto mounts and puts the files on disk, unless told not to. Where the mounts are one writable directory
 * or the upper one of an overlay, it is written to as it is, which spares the mount and copying directories up.
 * @throws GantryError data-loss for a blob whose bytes are not those of its digest
 */
export async function applyLayerTo(
  deps: ApplyDeps,
  layer: LayerBlob,
  mounts: readonly Mount[],
  options: ApplyOptions = {},
): Promise<AppliedLayer> {
  const direct = directTarget(mounts);
  if (direct !== undefined) return extract(deps.sys, layer, direct, options);
  return deps.mounts.with(mounts, (target) =>
    extract(deps.sys, layer, { target, whiteouts: 'plain', parents: [] }, options),
  );
}

async function extract(
  sys: Applier,
  { source, digest, compression }: LayerBlob,
  target: LayerTarget,
  options: ApplyOptions,
): Promise<AppliedLayer> {
  const known = compression === 'none' ? { compression } : {};
  const { signal, limits = {} } = options;
  const applied = await sys.applyLayer({ source, ...known, ...target, limits }, { signal });
  if (digest?.startsWith('sha256:') && applied.compressedDigest !== digest) {
    throw new GantryError(
      'data-loss',
      `content ${digest} is damaged: its bytes have digest ${applied.compressedDigest}`,
    );
  }
  await failpoint('diff.apply.extracted');
  if (options.unsynced !== true) await sys.syncFileSystem(target.target);
  await failpoint('diff.apply.durable');
  return applied;
}
