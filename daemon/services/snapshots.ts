import { invalidArgument } from '../../base/errors.ts';
import type {
  CommitSnapshotRequest,
  Info,
  ListSnapshotsRequest,
  ListSnapshotsResponse,
  MountsRequest,
  PrepareSnapshotRequest,
  RemoveSnapshotRequest,
  StatSnapshotRequest,
  UpdateSnapshotRequest,
  UsageRequest,
  UsageResponse,
  ViewSnapshotRequest,
} from '../../proto/gen/api/services/snapshots/v1/snapshots.ts';
import type { Mount } from '../../snapshotter/snapshotter.ts';
import { infoToWire, listToWire } from '../../snapshotter/wire.ts';
import type { Context } from '../context.ts';
import type { Snapshots } from '../metadata/recovering-snapshots.ts';

/** The rules of containerd.services.snapshots.v1.Snapshots: which snapshotter a request is for. */
export class SnapshotsService {
  readonly #snapshotters: ReadonlyMap<string, Snapshots>;

  constructor(deps: { readonly snapshotters: ReadonlyMap<string, Snapshots> }) {
    this.#snapshotters = deps.snapshotters;
  }

  prepare(ctx: Context, request: PrepareSnapshotRequest): Promise<Mount[]> {
    const { snapshotter, key, parent, labels } = request;
    return this.#named(snapshotter).prepare(ctx, key, parent, { labels });
  }

  view(ctx: Context, request: ViewSnapshotRequest): Promise<Mount[]> {
    const { snapshotter, key, parent, labels } = request;
    return this.#named(snapshotter).view(ctx, key, parent, { labels });
  }

  mounts(ctx: Context, request: MountsRequest): Promise<Mount[]> {
    return this.#named(request.snapshotter).mounts(ctx, request.key);
  }

  commit(ctx: Context, request: CommitSnapshotRequest): Promise<void> {
    const { snapshotter, name, key, labels, parent } = request;
    return this.#named(snapshotter).commit(ctx, name, key, { labels, parent });
  }

  remove(ctx: Context, request: RemoveSnapshotRequest): Promise<void> {
    return this.#named(request.snapshotter).remove(ctx, request.key);
  }

  async stat(ctx: Context, request: StatSnapshotRequest): Promise<Info> {
    return infoToWire(await this.#named(request.snapshotter).stat(ctx, request.key));
  }

  async update(ctx: Context, request: UpdateSnapshotRequest): Promise<Info> {
    const { snapshotter, info, updateMask } = request;
    if (info === null || info.name === '') throw invalidArgument('snapshot name is missing');
    const change = { name: info.name, labels: info.labels };
    return infoToWire(await this.#named(snapshotter).update(ctx, change, updateMask?.paths ?? []));
  }

  async *list(ctx: Context, request: ListSnapshotsRequest): AsyncIterable<ListSnapshotsResponse> {
    yield* listToWire(this.#named(request.snapshotter).walk(ctx, request.filters));
  }

  async usage(ctx: Context, request: UsageRequest): Promise<UsageResponse> {
    const { sizeBytes, inodes } = await this.#named(request.snapshotter).usage(ctx, request.key);
    return { size: sizeBytes, inodes };
  }

  /** Frees what crashes have left, in any namespace: snapshots without metadata, and space without a snapshot. */
  async cleanup(snapshotter: string): Promise<void> {
    const named = this.#named(snapshotter);
    await named.prune();
    await named.cleanup();
  }

  #named(name: string): Snapshots {
    if (name === '') throw invalidArgument('snapshotter argument missing');
    const found = this.#snapshotters.get(name);
    if (found === undefined) throw invalidArgument(`snapshotter not loaded: ${name}`);
    return found;
  }
}
