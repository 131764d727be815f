import { GantryError } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import type { AppliedLayer, Sys } from '../../native/sys.ts';
import type { Mount } from '../snapshotter.ts';
import type { TemporaryMounts } from '../temporary-mounts.ts';
import { directTarget, type LayerTarget } from './layer-target.ts';
import type { LayerCompression } from './media-types.ts';

/** A layer's file and what is known of it. */
export interface LayerBlob {
  readonly path: string;
  /** The digest that the file's bytes should have. */
  readonly digest: string;
  readonly compression: LayerCompression;
}

export type Applier = Pick<Sys, 'applyLayer' | 'syncFileSystem'>;

export interface ApplyDeps {
  readonly sys: Applier;
  readonly mounts: TemporaryMounts;
}

interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Extracts a layer onto mounts and puts the files on disk. Where the mounts are one writable directory or the upper one of
 * an overlay, it is written to as it is, which spares the mount and copying directories up.
 * @throws GantryError data-loss for a blob whose bytes are not those of its digest
 */
export async function applyLayerTo(
  deps: ApplyDeps,
  layer: LayerBlob,
  mounts: readonly Mount[],
  options: Cancellable = {},
): Promise<AppliedLayer> {
  const direct = directTarget(mounts);
  if (direct !== undefined) return extract(deps.sys, layer, direct, options);
  return deps.mounts.with(mounts, (target) =>
    extract(deps.sys, layer, { target, whiteouts: 'plain', parents: [] }, options),
  );
}

async function extract(
  sys: Applier,
  { path, digest, compression }: LayerBlob,
  target: LayerTarget,
  options: Cancellable,
): Promise<AppliedLayer> {
  const source = { path };
  const known = compression === 'none' ? { compression } : {};
  const applied = await sys.applyLayer({ source, ...known, ...target }, options);
  if (digest.startsWith('sha256:') && applied.compressedDigest !== digest) {
    throw new GantryError(
      'data-loss',
      `content ${digest} is damaged: its bytes have digest ${applied.compressedDigest}`,
    );
  }
  await failpoint('diff.apply.extracted');
  await sys.syncFileSystem(target.target);
  await failpoint('diff.apply.durable');
  return applied;
}
