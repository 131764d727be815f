import { invalidArgument, wrap } from '../../base/errors.ts';
import type { LayerLimits } from '../../base/layer-limits.ts';
import type { ApplyRequest, DiffRequest } from '../../proto/gen/api/services/diff/v1/diff.ts';
import type { Descriptor } from '../../proto/gen/api/types/descriptor.ts';
import { nsFromTimestamp } from '../../proto/timestamp.ts';
import { type Applier, applyLayerTo } from '../../snapshotter/diff/apply.ts';
import { directTarget } from '../../snapshotter/diff/layer-target.ts';
import { defaultDiffMediaType, layerCompression, plainLayerMediaType } from '../../snapshotter/diff/media-types.ts';
import type { Mount } from '../../snapshotter/snapshotter.ts';
import type { TemporaryMounts } from '../../snapshotter/temporary-mounts.ts';
import type { Context } from '../context.ts';
import { type DiffContent, DiffWriter, type DiffWriterSys } from './diff-writer.ts';

export interface DiffServiceDeps {
  readonly sys: Applier & DiffWriterSys;
  readonly mounts: TemporaryMounts;
  readonly content: DiffContent;
  /** Where the store keeps a blob; the caller has asked `content` whether the namespace has it. */
  readonly blobPath: (digest: string) => string;
}

export interface DiffServiceOptions {
  readonly limits?: Partial<LayerLimits>;
  /** Snapshots below this directory are put on disk when they are committed, so that their layers need not be before. */
  readonly syncedAtCommit?: string;
}

/** The rules of containerd.services.diff.v1.Diff: layers to files and files to layers. */
export class DiffService {
  readonly #deps: DiffServiceDeps;
  readonly #options: DiffServiceOptions;
  readonly #writer: DiffWriter;

  constructor(deps: DiffServiceDeps, options: DiffServiceOptions = {}) {
    this.#deps = deps;
    this.#options = options;
    this.#writer = new DiffWriter(deps);
  }

  /**
   * Extracts a layer onto mounts. The files are on disk when it resolves if the caller has asked for that, or if nobody
   * is known to put them there before the snapshot is committed.
   * The descriptor tells the layer as it is uncompressed: its digest is the diff id.
   * @throws GantryError unimplemented for a media type that is no layer, not-found without the blob
   */
  async apply(ctx: Context, request: ApplyRequest): Promise<Descriptor> {
    const { diff, mounts } = request;
    if (diff === null) throw invalidArgument('descriptor of the diff is missing');
    const { sys, blobPath, content } = this.#deps;
    const compression = layerCompression(diff.mediaType);
    await content.info(ctx, diff.digest).catch((error) => {
      throw wrap(error, 'failed to get reader from content store');
    });
    const layer = { path: blobPath(diff.digest), digest: diff.digest, compression };
    const unsynced = !request.syncFs && this.#isSyncedAtCommit(mounts);
    const options = { signal: ctx.signal, unsynced, limits: this.#options.limits ?? {} };
    const applied = await applyLayerTo({ sys, mounts: this.#deps.mounts }, layer, mounts, options);
    return { mediaType: plainLayerMediaType, digest: applied.diffId, size: applied.sizeBytes, annotations: {} };
  }

  #isSyncedAtCommit(mounts: readonly Mount[]): boolean {
    const { syncedAtCommit } = this.#options;
    return syncedAtCommit !== undefined && (directTarget(mounts)?.target.startsWith(`${syncedAtCommit}/`) ?? false);
  }

  /**
   * Writes how the mounts `right` differ from the mounts `left` as a layer into the content store.
   * @throws GantryError unimplemented for a media type that cannot be written
   */
  diff(ctx: Context, request: DiffRequest): Promise<Descriptor> {
    const { left, right, labels, ref, sourceDateEpoch } = request;
    return this.#writer.write(ctx, {
      left,
      right,
      labels,
      ref,
      mediaType: request.mediaType || defaultDiffMediaType,
      ...(sourceDateEpoch === null ? {} : { latestMtimeS: Number(nsFromTimestamp(sourceDateEpoch) / 1_000_000_000n) }),
    });
  }
}
