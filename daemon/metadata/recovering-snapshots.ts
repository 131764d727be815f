import type {
  CommitOptions,
  CreateOptions,
  Mount,
  SnapshotChange,
  SnapshotInfo,
  SnapshotUsage,
} from '../../snapshotter/snapshotter.ts';
import type { Context } from '../context.ts';
import type { NamespacedSnapshotter } from './snapshots.ts';

/** Snapshots as the daemon's parts use them. */
export type Snapshots = Pick<
  NamespacedSnapshotter,
  | 'name'
  | 'prepare'
  | 'view'
  | 'mounts'
  | 'commit'
  | 'remove'
  | 'stat'
  | 'update'
  | 'walk'
  | 'usage'
  | 'prune'
  | 'cleanup'
  | 'hasLeftovers'
>;

/**
 * The snapshots of a snapshotter that may not be there when the daemon starts: what a crash has left is looked after by
 * whoever calls first, and again by the next one if that failed.
 */
export class RecoveringSnapshots implements Snapshots {
  readonly #inner: NamespacedSnapshotter;
  #recovery: Promise<void> | undefined;

  constructor(inner: NamespacedSnapshotter) {
    this.#inner = inner;
  }

  get name(): string {
    return this.#inner.name;
  }

  get hasLeftovers(): boolean {
    return this.#inner.hasLeftovers;
  }

  async prepare(ctx: Context, key: string, parent: string, options?: CreateOptions): Promise<Mount[]> {
    return (await this.#recovered()).prepare(ctx, key, parent, options);
  }

  async view(ctx: Context, key: string, parent: string, options?: CreateOptions): Promise<Mount[]> {
    return (await this.#recovered()).view(ctx, key, parent, options);
  }

  async mounts(ctx: Context, key: string): Promise<Mount[]> {
    return (await this.#recovered()).mounts(ctx, key);
  }

  async commit(ctx: Context, name: string, key: string, options?: CommitOptions): Promise<void> {
    return (await this.#recovered()).commit(ctx, name, key, options);
  }

  async remove(ctx: Context, key: string): Promise<void> {
    return (await this.#recovered()).remove(ctx, key);
  }

  async stat(ctx: Context, key: string): Promise<SnapshotInfo> {
    return (await this.#recovered()).stat(ctx, key);
  }

  async update(ctx: Context, change: SnapshotChange, fieldPaths?: readonly string[]): Promise<SnapshotInfo> {
    return (await this.#recovered()).update(ctx, change, fieldPaths);
  }

  async *walk(ctx: Context, filters?: readonly string[]): AsyncIterable<SnapshotInfo> {
    yield* (await this.#recovered()).walk(ctx, filters);
  }

  async usage(ctx: Context, key: string): Promise<SnapshotUsage> {
    return (await this.#recovered()).usage(ctx, key);
  }

  async prune(): Promise<number> {
    return (await this.#recovered()).prune();
  }

  async cleanup(): Promise<void> {
    return (await this.#recovered()).cleanup();
  }

  async #recovered(): Promise<NamespacedSnapshotter> {
    this.#recovery ??= this.#inner.finishCommits();
    try {
      await this.#recovery;
    } catch (error) {
      this.#recovery = undefined;
      throw error;
    }
    return this.#inner;
  }
}
