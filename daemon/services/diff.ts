import { invalidArgument, wrap } from '../../base/errors.ts';
import type { LayerLimits } from '../../base/layer-limits.ts';
import { abortable } from '../../base/signals.ts';
import type { AppliedLayer } from '../../native/sys.ts';
import { encode } from '../../proto/codec.ts';
import type { ApplyRequest, DiffRequest } from '../../proto/gen/api/services/diff/v1/diff.ts';
import type { Descriptor } from '../../proto/gen/api/types/descriptor.ts';
import { nsFromTimestamp } from '../../proto/timestamp.ts';
import { type Applier, applyLayerTo, type LayerBlob } from '../../snapshotter/diff/apply.ts';
import { directTarget } from '../../snapshotter/diff/layer-target.ts';
import { defaultDiffMediaType, plainLayerMediaType } from '../../snapshotter/diff/media-types.ts';
import { type ProcessorDeps, throughProcessors } from '../../snapshotter/diff/run-processors.ts';
import { type ProcessorRoute, routeFor, type StreamProcessor } from '../../snapshotter/diff/stream-processors.ts';
import type { Mount } from '../../snapshotter/snapshotter.ts';
import type { TemporaryMounts } from '../../snapshotter/temporary-mounts.ts';
import type { BlobSource } from '../content/content.ts';
import type { Context } from '../context.ts';
import { type DiffContent, DiffWriter } from './diff-writer.ts';
import type { ExtractedLayer } from './differs.ts';

export interface DiffServiceDeps {
  readonly sys: Applier & ProcessorDeps;
  readonly mounts: TemporaryMounts;
  readonly content: DiffContent;
}

export interface DiffServiceOptions {
  readonly limits?: Partial<LayerLimits>;
  /** Snapshots below these directories are put on disk when they are committed, so that their layers need not be before. */
  readonly syncedAtCommit?: readonly string[];
  /** Programs for layers that are not plain, compressed tar. */
  readonly streamProcessors?: readonly StreamProcessor[];
}

/** How a layer is to be extracted. */
interface Extraction {
  readonly source: BlobSource;
  readonly route: ProcessorRoute;
  /** The files need not be on disk afterwards. */
  readonly unsynced: boolean;
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
   * Extracts a layer onto mounts; its files are on disk when it resolves.
   * The descriptor tells the layer as it is uncompressed: its digest is the diff id.
   * @throws GantryError unimplemented for a media type that is no layer, not-found without the blob
   */
  async apply(ctx: Context, request: ApplyRequest): Promise<Descriptor> {
    const applied = await this.#apply(ctx, request, false);
    return { mediaType: plainLayerMediaType, digest: applied.diffId, size: applied.sizeBytes, annotations: {} };
  }

  /**
   * Does what `apply` does and tells whether the layer is what it would be on top of others. For a caller that commits the
   * snapshot before it tells anybody: files that the commit puts on disk need not be there before.
   */
  async extract(ctx: Context, request: ApplyRequest): Promise<ExtractedLayer> {
    const early = await this.#extractArriving(ctx, request);
    const { diffId, opaqueRoot, impliedDirectories } = early ?? (await this.#apply(ctx, request, true));
    return { diffId, needsBelow: opaqueRoot || impliedDirectories > 0 };
  }

  /** Extracts a layer as its bytes come; undefined if they do not, or have to be whole first. */
  async #extractArriving(ctx: Context, request: ApplyRequest): Promise<AppliedLayer | undefined> {
    const { diff, mounts, syncFs } = request;
    const arrival = diff === null ? undefined : this.#deps.content.arrivals.find(ctx.namespace, diff.digest);
    if (diff === null || arrival === undefined) return undefined;
    const route = routeFor(this.#options.streamProcessors ?? [], diff.mediaType);
    const unsynced = !syncFs && this.#isSyncedAtCommit(mounts);
    const extract = (source: BlobSource) => this.#extract(ctx, request, { source, route, unsynced });
    // Programs read what there is of a file, and take that for all.
    const early = route.steps.length > 0 ? undefined : await arrival.withSource(this.#deps.sys, extract, ctx);
    if (early === undefined) await abortable(arrival.whole, ctx.signal);
    return early?.value;
  }

  async #apply(ctx: Context, request: ApplyRequest, commitFollows: boolean): Promise<AppliedLayer> {
    const { diff } = request;
    if (diff === null) throw invalidArgument('descriptor of the diff is missing');
    const route = routeFor(this.#options.streamProcessors ?? [], diff.mediaType);
    await this.#deps.content.info(ctx, diff.digest).catch((error) => {
      throw wrap(error, 'failed to get reader from content store');
    });
    const { content } = this.#deps;
    const unsynced = commitFollows && !request.syncFs && this.#isSyncedAtCommit(request.mounts);
    return content.withSource(ctx, diff.digest, (source) => this.#extract(ctx, request, { source, route, unsynced }));
  }

  #extract(ctx: Context, request: ApplyRequest, extraction: Extraction): Promise<AppliedLayer> {
    const { sys, mounts } = this.#deps;
    const { signal } = ctx;
    const { source, route, unsynced } = extraction;
    const options = { signal, unsynced, limits: this.#options.limits ?? {} };
    const apply = (layer: LayerBlob) => applyLayerTo({ sys, mounts }, layer, request.mounts, options);
    const { steps, compression } = route;
    const digest = request.diff?.digest ?? '';
    if (steps.length === 0) return apply({ source, digest, compression });
    const payloads = new Map(
      Object.entries(request.payloads).map(([id, payload]) => [id, encode('google.protobuf.Any', payload)]),
    );
    const blob = { source, steps, payloads };
    return throughProcessors(sys, blob, (fd) => apply({ source: { fd }, compression }), { signal });
  }

  #isSyncedAtCommit(mounts: readonly Mount[]): boolean {
    const { syncedAtCommit = [] } = this.#options;
    const target = directTarget(mounts)?.target;
    return syncedAtCommit.some((directory) => target?.startsWith(`${directory}/`));
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
      ...(sourceDateEpoch === null ? {} : { latestMtimeNs: nsFromTimestamp(sourceDateEpoch) }),
    });
  }
}
