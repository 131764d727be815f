import { setImmediate as immediate } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import { alreadyExists, failedPrecondition, GantryError, isKind, messageOf, notFound } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { parseFilters } from '../../base/filter.ts';
import type { Logger } from '../../base/logger.ts';
import { KeyedMutex, Mutex } from '../../base/mutex.ts';
import { timestampFromNs } from '../../proto/timestamp.ts';
import { snapshotField, storedLabels, updatedLabels } from '../../snapshotter/record.ts';
import type {
  CommitOptions,
  CreateOptions,
  Labels,
  Mount,
  SnapshotChange,
  SnapshotInfo,
  Snapshotter,
  SnapshotUsage,
} from '../../snapshotter/snapshotter.ts';
import type { NewSnapshot } from '../../snapshotter/storage.ts';
import type { Context } from '../context.ts';
import type { EventPublisher } from '../events/publisher.ts';
import type { Database } from './database.ts';
import { validateLabels } from './labels.ts';
import type { SnapshotRecord } from './schema.ts';
import { NumberBlocks } from './sequences.ts';
import { inherited, seenAs, targetLabel } from './snapshot-labels.ts';
import { pruneSnapshots } from './snapshot-prune.ts';
import { recoverSnapshots } from './snapshot-recovery.ts';
import { SnapshotTable } from './snapshot-table.ts';

export interface NamespacedSnapshotterDeps {
  readonly database: Database;
  readonly snapshotter: Snapshotter;
  readonly events: EventPublisher;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a snapshot about to be made is called in the snapshotter, and what it stands on there. */
interface Plan {
  readonly backendKey: string;
  readonly backendParent: string;
}

/** What an active snapshot is going to be. */
interface CommittedSnapshot {
  readonly name: string;
  readonly parent: string;
  readonly labels: Labels;
}

/**
 * One snapshotter, shared by all namespaces: each sees its own keys and names. What a namespace calls KEY the snapshotter
 * knows as `<namespace>/<number>/KEY`, so a removed name never meets its successor.
 *
 * A call that creates something joins it to the caller's lease. The snapshotter works first and the metadata follows,
 * synced; what a crash in between leaves in the snapshotter has no metadata, and `prune` removes it. Calls wait for each
 * other only over the same key.
 */
export class NamespacedSnapshotter {
  readonly name: string;
  readonly #database: Database;
  readonly #backend: Snapshotter;
  readonly #events: EventPublisher;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #table: SnapshotTable;
  readonly #numbers: NumberBlocks;
  readonly #keys = new KeyedMutex();
  readonly #discarding = new Mutex();
  readonly #syncRemove: boolean;
  /** Backend keys that are being created and have no metadata yet. */
  readonly #creating = new Set<string>();
  #hasLeftovers = false;

  /** @param options with `syncRemove` a removal waits for the snapshotter */
  constructor(deps: NamespacedSnapshotterDeps, options: { readonly name: string; readonly syncRemove?: boolean }) {
    this.name = options.name;
    this.#syncRemove = options.syncRemove === true;
    this.#database = deps.database;
    this.#backend = deps.snapshotter;
    this.#events = deps.events;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#table = new SnapshotTable(options.name);
    this.#numbers = new NumberBlocks(deps.database);
  }

  /** Also answers already-exists, after joining it to the lease, when the layer named as target is there already. */
  async prepare(ctx: Context, key: string, parent: string, options: CreateOptions = {}): Promise<Mount[]> {
    const mounts = await this.#create(ctx, { kind: 'active', key, parent, labels: options.labels ?? {} });
    const event = { key, parent, snapshotter: this.name };
    this.#events.publish(ctx.namespace, '/snapshot/prepare', 'containerd.events.SnapshotPrepare', event);
    return mounts;
  }

  /** Fails as `prepare` does. */
  view(ctx: Context, key: string, parent: string, options: CreateOptions = {}): Promise<Mount[]> {
    return this.#create(ctx, { kind: 'view', key, parent, labels: options.labels ?? {} });
  }

  async mounts(ctx: Context, key: string): Promise<Mount[]> {
    const { backendKey } = await this.#table.require(this.#database, ctx.namespace, key);
    return this.#backend.mounts(backendKey);
  }

  async commit(ctx: Context, name: string, key: string, options: CommitOptions = {}): Promise<void> {
    validateLabels(options.labels ?? {});
    await this.#exclusively(ctx, [key, name], () => this.#commit(ctx, name, key, options));
    const event = { key, name, snapshotter: this.name };
    this.#events.publish(ctx.namespace, '/snapshot/commit', 'containerd.events.SnapshotCommit', event);
  }

  /** Removes the metadata, durably, and in the background the snapshot; should that fail, `prune` does it later. */
  async remove(ctx: Context, key: string): Promise<void> {
    const { backendKey } = await this.#exclusively(ctx, [key], () =>
      this.#database.update((tx) => this.#table.remove(tx, ctx, key)),
    );
    await failpoint('snapshot.remove.recorded');
    const event = { key, snapshotter: this.name };
    this.#events.publish(ctx.namespace, '/snapshot/remove', 'containerd.events.SnapshotRemove', event);
    const discarded = this.#discard(backendKey);
    if (this.#syncRemove) await discarded;
  }

  async stat(ctx: Context, key: string): Promise<SnapshotInfo> {
    const record = await this.#table.require(this.#database, ctx.namespace, key);
    return seenAs(key, record, await this.#backend.stat(record.backendKey));
  }

  update(ctx: Context, change: SnapshotChange, fieldPaths: readonly string[] = []): Promise<SnapshotInfo> {
    return this.#exclusively(ctx, [change.name], async () => {
      const found = await this.#table.require(this.#database, ctx.namespace, change.name);
      const labels = updatedLabels(found.labels, change, fieldPaths);
      validateLabels(labels);
      const { relabelling: _, ...record } = found;
      const replace = (by: SnapshotRecord, durable: boolean) =>
        this.#database.update((tx) => this.#table.replace(tx, ctx.namespace, change.name, by), { durable });
      await replace({ ...record, relabelling: true }, false);
      const info = await this.#backend.update({ name: record.backendKey, labels: inherited(labels) }, fieldPaths);
      const updated = { ...record, labels, updatedAt: timestampFromNs(this.#clock.now()) };
      await failpoint('snapshot.update.stored');
      await replace(updated, true);
      await failpoint('snapshot.update.recorded');
      return seenAs(change.name, updated, info);
    });
  }

  async *walk(ctx: Context, filters: readonly string[] = []): AsyncIterable<SnapshotInfo> {
    const matches = parseFilters([...filters]);
    for await (const { name, record } of this.#table.list(this.#database, ctx.namespace)) {
      const info = await this.#backend.stat(record.backendKey).catch(undefinedIfMissing);
      if (info === undefined) continue;
      const seen = seenAs(name, record, info);
      if (matches(snapshotField(seen))) yield seen;
    }
  }

  async usage(ctx: Context, key: string): Promise<SnapshotUsage> {
    const { backendKey } = await this.#table.require(this.#database, ctx.namespace, key);
    return this.#backend.usage(backendKey, { signal: ctx.signal });
  }

  /** Frees the space of what is removed; resolves when it is free. */
  async cleanup(): Promise<void> {
    await this.#discarded();
    await this.#backend.cleanup();
  }

  /** True if a snapshot without metadata was left in the snapshotter since the last `prune`. */
  get hasLeftovers(): boolean {
    return this.#hasLeftovers;
  }

  /** Removes from the snapshotter what no namespace has metadata of; resolves with the number of snapshots removed. */
  async prune(): Promise<number> {
    await this.#discarded();
    this.#hasLeftovers = false;
    const inUse = async () => {
      const keys = new Set(this.#creating);
      for await (const { record } of this.#table.everywhere(this.#database)) {
        keys.add(record.backendKey);
        if (record.committing !== undefined) keys.add(record.committing.record.backendKey);
      }
      return keys;
    };
    return pruneSnapshots({ backend: this.#backend, logger: this.#logger, inUse });
  }

  /**
   * Puts metadata and snapshotter in step again after a crash: what only one of the two knows can be of no use. To be
   * called before anybody else calls.
   */
  async recover(): Promise<void> {
    const logger = this.#logger.child({ snapshotter: this.name });
    await recoverSnapshots({ database: this.#database, backend: this.#backend, table: this.#table, logger });
    await this.prune();
  }

  /**
   * Only finishes commits that a crash cut short: a snapshotter that is somebody else's may miss snapshots for a while, as
   * when it runs on another directory, and they would be pruned when it has them again. To be called as `recover` is.
   */
  async finishCommits(): Promise<void> {
    const logger = this.#logger.child({ snapshotter: this.name });
    const parts = { database: this.#database, backend: this.#backend, table: this.#table, logger };
    await recoverSnapshots(parts, { keepMissing: true });
  }

  /** Closes the snapshotter, not the database. */
  async close(): Promise<void> {
    await this.#discarded();
    await this.#backend.close();
  }

  async #create(ctx: Context, snapshot: NewSnapshot): Promise<Mount[]> {
    const { kind, key, labels } = snapshot;
    validateLabels(labels);
    const target = labels[targetLabel] ?? '';
    return this.#exclusively(ctx, [key], async () => {
      await this.#refuseExisting(ctx, target === '' ? [key] : [target, key]);
      const plan = await this.#plan(ctx, key, snapshot.parent);
      await failpoint('snapshot.create.planned');
      return this.#whileCreating(plan.backendKey, async () => {
        const make = kind === 'active' ? this.#backend.prepare : this.#backend.view;
        let mounts: Mount[];
        try {
          const options = { labels: inherited(labels) };
          mounts = await make.call(this.#backend, plan.backendKey, plan.backendParent, options);
        } catch (error) {
          if (!isKind(error, 'already-exists')) throw error;
          throw target === '' ? unexpected(error) : await this.#adopt(ctx, target, snapshot, plan.backendParent);
        }
        await failpoint('snapshot.create.stored');
        await this.#recordNew(ctx, snapshot, plan);
        await failpoint('snapshot.create.recorded');
        return mounts;
      });
    });
  }

  async #recordNew(ctx: Context, { key, parent, labels }: NewSnapshot, plan: Plan): Promise<void> {
    const record = this.#stamped(plan.backendKey, parent, labels);
    try {
      await this.#database.update((tx) => this.#table.create(tx, ctx, key, record, plan.backendParent));
    } catch (error) {
      await this.#discard(plan.backendKey);
      throw error;
    }
  }

  /** Refuses the first of the keys that is in use; whoever asked for it holds it from now on, too. */
  async #refuseExisting(ctx: Context, keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      if ((await this.#table.find(this.#database, ctx.namespace, key)) === undefined) continue;
      await this.#database.update((tx) => this.#table.join(tx, ctx, key));
      throw alreadyExists(key === keys.at(-1) ? `snapshot "${key}"` : `target snapshot "${key}"`);
    }
  }

  /**
   * Notes what is going to happen in the active snapshot's record as well, which reaches the disk before anything that the
   * snapshotter writes: a crash after the snapshotter's part must not lose the snapshot under either name.
   */
  async #planCommit(ctx: Context, key: string, { name, parent, labels }: CommittedSnapshot) {
    const { namespace, leaseId } = ctx;
    const plan = await this.#plan(ctx, name, parent);
    return this.#database.update(
      async (tx) => {
        const active = await this.#table.require(tx, namespace, key);
        const record = this.#stamped(plan.backendKey, parent, labels);
        const committing = { name, record, ...(leaseId === undefined ? {} : { leaseId }) };
        this.#table.replace(tx, namespace, key, { ...active, committing });
        return { plan, record };
      },
      { durable: false },
    );
  }

  /** What the snapshotter is to call a new snapshot, as it called none before, and what it calls the parent. */
  async #plan({ namespace }: Context, key: string, parent: string): Promise<Plan> {
    const below = await this.#table.parent(this.#database, namespace, parent);
    const number = await this.#numbers.next(`snapshots/${namespace}/${this.name}`);
    return { backendKey: `${namespace}/${number}/${key}`, backendParent: below?.backendKey ?? '' };
  }

  /**
   * The snapshotter refused to prepare because it has the target already: gives that its name in this namespace. Returns
   * the error that tells the caller so.
   */
  async #adopt(ctx: Context, target: string, snapshot: NewSnapshot, backendParent: string): Promise<GantryError> {
    const found = await this.#committedTarget(target, backendParent);
    if (found === undefined) return notFound(`target snapshot "${target}" in backend`);
    const record: SnapshotRecord = {
      backendKey: found.name,
      parent: snapshot.parent,
      labels: storedLabels({ ...found.labels, ...snapshot.labels }),
      createdAt: timestampFromNs(found.createdAtNs),
      updatedAt: timestampFromNs(found.updatedAtNs),
    };
    await this.#database.update((tx) => this.#table.create(tx, ctx, target, record, backendParent));
    return alreadyExists(`target snapshot "${target}" from snapshotter`);
  }

  async #committedTarget(target: string, backendParent: string): Promise<SnapshotInfo | undefined> {
    const filter = `labels.${JSON.stringify(targetLabel)}==${JSON.stringify(target)},kind==committed`;
    for await (const info of this.#backend.walk([filter])) {
      if (info.parent === backendParent) return info;
    }
    return undefined;
  }

  async #commit(ctx: Context, name: string, key: string, options: CommitOptions): Promise<void> {
    await this.#refuseExisting(ctx, [name]);
    const active = await this.#requireActive(ctx, key);
    const rebased = active.parent === '' && options.parent ? options.parent : undefined;
    const parent = rebased ?? active.parent;
    const labels = options.labels ?? {};
    const { plan, record } = await this.#planCommit(ctx, key, { name, parent, labels });
    await this.#whileCreating(plan.backendKey, async () => {
      await this.#backend.commit(plan.backendKey, active.backendKey, {
        labels: inherited(labels),
        ...(rebased === undefined ? {} : { parent: plan.backendParent }),
      });
      await failpoint('snapshot.commit.stored');
      await this.#database.update((tx) => this.#table.commit(tx, ctx, key, name, record));
      await failpoint('snapshot.commit.recorded');
    });
  }

  /** Asked before anything is planned, so that a refused commit uses up no number. */
  async #requireActive(ctx: Context, key: string): Promise<SnapshotRecord> {
    const record = await this.#table.require(this.#database, ctx.namespace, key);
    const { kind } = await this.#backend.stat(record.backendKey);
    if (kind === 'active') return record;
    throw failedPrecondition(`failed to commit snapshot: snapshot "${record.backendKey}" is not active`);
  }

  #stamped(backendKey: string, parent: string, labels: Labels): SnapshotRecord {
    const now = timestampFromNs(this.#clock.now());
    return { backendKey, parent, labels: storedLabels(labels), createdAt: now, updatedAt: now };
  }

  /**
   * One after another: who removes a snapshot and then its parent has them go in that order. Whoever is to be answered first
   * is.
   */
  #discard(backendKey: string): Promise<void> {
    return this.#discarding.run(async () => {
      await immediate();
      try {
        await this.#backend.remove(backendKey);
      } catch (error) {
        if (isKind(error, 'not-found')) return;
        this.#hasLeftovers = true;
        const fields = { snapshotter: this.name, snapshot: backendKey, error: messageOf(error) };
        this.#logger.warn(fields, 'snapshot without metadata is left for the next prune');
      }
    });
  }

  /** Resolves when the snapshotter has removed all that is removed so far. */
  #discarded(): Promise<void> {
    return this.#discarding.run(async () => undefined);
  }

  async #whileCreating<T>(backendKey: string, body: () => Promise<T>): Promise<T> {
    this.#creating.add(backendKey);
    try {
      return await body();
    } finally {
      this.#creating.delete(backendKey);
    }
  }

  #exclusively<T>(ctx: Context, keys: readonly string[], body: () => Promise<T>): Promise<T> {
    return this.#keys.runAll(
      keys.map((key) => `${ctx.namespace}\0${key}`),
      body,
    );
  }
}

/** A key is made up for every call, so the snapshotter cannot have it; the caller's own key must not be blamed. */
function unexpected(refusal: GantryError): GantryError {
  const what = `unexpected error from snapshotter: ${messageOf(refusal)}`;
  return new GantryError('unknown', what, { cause: refusal });
}

function undefinedIfMissing(error: unknown): undefined {
  if (!isKind(error, 'not-found')) throw error;
}
