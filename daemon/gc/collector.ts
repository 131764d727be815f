import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import { GantryError, isKind, messageOf } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import type { Logger } from '../../base/logger.ts';
import type { EventPublisher } from '../events/publisher.ts';
import type { Database } from '../metadata/database.ts';
import { nextInSequence } from '../metadata/sequences.ts';
import {
  type CleanedContent,
  type ContentStorage,
  cleanContent,
  cleanSnapshots,
  type MountStorage,
  type SnapshotStorage,
} from './backends.ts';
import { Barrier } from './barrier.ts';
import { Graph } from './graph.ts';
import { Marking } from './mark.ts';
import type { NodeId } from './node.ts';
import { referrersFirst } from './order.ts';
import { mutationOf, type Source, sources } from './records.ts';
import { Sweep } from './sweep.ts';

export interface CollectorDeps {
  readonly database: Database;
  readonly store: ContentStorage;
  /** By name. */
  readonly snapshotters: ReadonlyMap<string, SnapshotStorage>;
  readonly mounts: MountStorage;
  readonly events: EventPublisher;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface CollectorOptions {
  /** Awaited between slices of work, so that others get their turn. Default: the next turn of the event loop. */
  readonly pause?: () => Promise<void>;
  /** Records read, nodes marked, and records swept, between two pauses. */
  readonly sliceSize?: number;
}

/** What one collection works on. */
interface Collection {
  readonly graph: Graph;
  readonly marking: Marking;
  readonly barrier: Barrier;
  /** The state of the database that all reads were from. */
  readonly era: number;
  readonly signal: AbortSignal;
}

/**
 * Collects garbage: reads what refers to what, marks what is in use, takes the records of the rest out of the database
 * and then their bytes from disk. Others go on meanwhile; barrier.ts says why that is safe.
 */
export class Collector {
  readonly #deps: CollectorDeps;
  readonly #sources: readonly Source[];
  readonly #pause: () => Promise<void>;
  readonly #sliceSize: number;
  /** Content that lost its record since it was last cleaned; at first nobody knows what an earlier process has left. */
  #contentDirty = true;
  /** Snapshotters that have snapshots without a record. */
  readonly #dirtySnapshotters = new Set<string>();

  constructor(deps: CollectorDeps, options: CollectorOptions = {}) {
    this.#deps = deps;
    this.#sources = sources((backendRef) => deps.store.isOpen(backendRef));
    this.#pause = options.pause ?? (async () => void (await setImmediate()));
    this.#sliceSize = options.sliceSize ?? 1_000;
    deps.database.observe((changes) => {
      if (mutationOf(changes).dropsContent) this.#contentDirty = true;
    });
  }

  /**
   * Runs one collection: what nothing referred to when it was called is gone, also from disk, when it resolves.
   * @param signal ends it between two transactions; what is swept by then stays swept
   * @returns milliseconds that it took to work on the metadata; as containerd has it, deleting files does not count
   */
  async collect(signal: AbortSignal): Promise<number> {
    const startedAt = performance.now();
    const { database, store, clock, logger } = this.#deps;
    using barrier = new Barrier(database, this.#sources);
    // What is dropped from here on may be missed by this collection's cleaning.
    const isContentDirty = store.takeLeftovers() || this.#contentDirty;
    this.#contentDirty = false;
    try {
      const number = await this.#beginning();
      const graph = new Graph(clock.now());
      const marking = new Marking((node) => graph.references(node));
      const collection = { graph, marking, barrier, era: database.era, signal };
      await this.#read(collection);
      await this.#mark(collection);
      await failpoint('gc.marked');
      const sweep = new Sweep(graph, logger);
      await this.#sweep(collection, sweep);
      const metadataMs = performance.now() - startedAt;
      const lostContent = isContentDirty || sweep.removed.content > 0 || sweep.removed.ingest > 0;
      const { mounts } = this.#deps;
      const [cleaned] = await Promise.all([
        lostContent && this.#cleanContent(collection),
        this.#cleanSnapshotters(),
        (sweep.removed.mount > 0 || mounts.hasLeftovers) && mounts.unmountUnknown(),
      ]);
      await failpoint('gc.cleaned');
      const fields = { collection: number, removed: sweep.removed, cleaned, metadataMs };
      logger.debug({ ...fields, totalMs: performance.now() - startedAt }, 'collected garbage');
      return metadataMs;
    } catch (error) {
      this.#contentDirty = true;
      throw error;
    }
  }

  /**
   * Resolves when everything written before the barrier is in the database. Writes something itself: behind a write that
   * failed the database would show what was reported as not having happened until the next write has taken it back.
   */
  #beginning(): Promise<number> {
    const options = { durable: false, observed: false };
    return this.#deps.database.update((tx) => nextInSequence(tx, 'collections'), options);
  }

  async #read({ graph, signal }: Collection): Promise<void> {
    for (const source of this.#sources) {
      await this.#inSlices(source.read(this.#deps.database), signal, (enter) => enter(graph));
    }
  }

  async #mark({ graph, marking, barrier, signal }: Collection): Promise<void> {
    marking.shade(graph.roots);
    barrier.apply(graph, marking);
    while (marking.advance(this.#sliceSize)) {
      await this.#pause();
      signal.throwIfAborted();
    }
  }

  async #sweep(collection: Collection, sweep: Sweep): Promise<void> {
    const { graph, marking, signal } = collection;
    const white = new Set<NodeId>();
    await this.#inSlices(graph.nodes, signal, (node) => {
      if (!marking.isReachable(node)) white.add(node);
    });
    const ordered = await referrersFirst(white, (node) => graph.references(node), this.#pause);
    for (let at = 0; at < ordered.length; at += this.#sliceSize) {
      await this.#pause();
      signal.throwIfAborted();
      await this.#sweepSlice(collection, sweep, ordered.slice(at, at + this.#sliceSize));
      for (const name of sweep.snapshotters) this.#dirtySnapshotters.add(name);
    }
  }

  async #sweepSlice(collection: Collection, sweep: Sweep, nodes: readonly NodeId[]): Promise<void> {
    const { graph, marking, barrier, era } = collection;
    const { database, events } = this.#deps;
    await database.update(
      async (tx) => {
        if (database.era !== era) throw new GantryError('unavailable', 'metadata changed back during the collection');
        barrier.apply(graph, marking);
        marking.advance();
        for (const node of nodes) {
          if (marking.isReachable(node)) continue;
          if (barrier.isGone(node)) graph.delete(node);
          else await sweep.remove(tx, node);
        }
      },
      { observed: false },
    );
    await failpoint('gc.swept');
    sweep.announce(events);
  }

  /** Frees on disk what the records that are left do not name. */
  async #cleanContent({ graph, marking, barrier, signal }: Collection): Promise<CleanedContent | undefined> {
    const present = () => {
      barrier.apply(graph, marking);
      return graph;
    };
    const { store, logger } = this.#deps;
    try {
      const cleaned = await cleanContent(store, present, signal);
      if (cleaned.held > 0) this.#contentDirty = true;
      return cleaned;
    } catch (error) {
      if (!isKind(error, 'unavailable') && !isKind(error, 'deadline-exceeded')) throw error;
      // One in a process of its own may be away; what it has is found when it is back.
      this.#contentDirty = true;
      logger.warn({ error: messageOf(error) }, 'content store could not be cleaned');
      return undefined;
    }
  }

  async #cleanSnapshotters(): Promise<void> {
    const dirty = [...this.#deps.snapshotters].filter(
      ([name, { hasLeftovers }]) => hasLeftovers || this.#dirtySnapshotters.has(name),
    );
    await Promise.all(
      dirty.map(async ([name, snapshots]) => {
        this.#dirtySnapshotters.delete(name);
        if (!(await cleanSnapshots(name, snapshots, this.#deps.logger))) this.#dirtySnapshotters.add(name);
      }),
    );
  }

  /** Does something with each item and lets others have their turn now and then. */
  async #inSlices<T>(
    items: Iterable<T> | AsyncIterable<T>,
    signal: AbortSignal,
    body: (item: T) => void,
  ): Promise<void> {
    let done = 0;
    for await (const item of items) {
      body(item);
      done += 1;
      if (done % this.#sliceSize !== 0) continue;
      await this.#pause();
      signal.throwIfAborted();
    }
    await this.#pause();
  }
}
