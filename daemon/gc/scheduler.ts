import { GantryError, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';

/** When collections run; the names and meanings are containerd's. */
export interface SchedulerSettings {
  /** Share of the time that collections may take, at most 0.5; 0 for one a second. */
  readonly pauseThreshold: number;
  /** Deletions after which a collection runs at once; 0 leaves them to the next scheduled one. */
  readonly deletionThreshold: number;
  /** Changes after which the next scheduled collection runs even without a deletion; 0 for never. */
  readonly mutationThreshold: number;
  /** Time from asking for a collection, or reaching a threshold, to its start. */
  readonly scheduleDelayMs: number;
  /** Time from the daemon's start to the first collection; 0 for none before there is a reason. */
  readonly startupDelayMs: number;
}

/** Time as the scheduler sees it, so that tests can own it. */
export interface Timers {
  /** Milliseconds of a clock that is never set. */
  now(): number;
  /** Calls back once; returns what prevents that. */
  after(delayMs: number, callback: () => void): () => void;
}

export const systemTimers: Timers = {
  now: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

export interface SchedulerDeps {
  /** Runs one collection; resolves with the milliseconds that count as its time. */
  readonly collect: (signal: AbortSignal) => Promise<number>;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Collections count as at least this long, so that quick ones are not run on end. */
const shortestCollectionMs = 5;
const firstIntervalMs = 1_000;
/** Added to the interval after a collection that failed. */
const failureDelayMs = 1_000;
const longestPauseShare = 0.5;

/**
 * Decides when to collect garbage. After each collection the next is scheduled so far ahead that collections take no more
 * than their share of the time on average; when it is due it runs if something was deleted or enough was changed since the
 * last one began, else it waits for that. Somebody asking for one, or very many deletions, bring it forward.
 */
export class Scheduler implements AsyncDisposable {
  readonly #deps: SchedulerDeps;
  readonly #settings: SchedulerSettings;
  readonly #ending = new AbortController();
  #waiters: PromiseWithResolvers<void>[] = [];
  #next: { readonly atMs: number; readonly cancel: () => void } | undefined;
  #running: Promise<void> | undefined;
  #hasCollected = false;
  #deletions = 0;
  #mutations = 0;
  #intervalMs = firstIntervalMs;
  #takenMs = 0;
  #collections = 0;

  constructor(deps: SchedulerDeps, settings: SchedulerSettings) {
    this.#deps = deps;
    this.#settings = settings;
  }

  /** Schedules the first collection. */
  start(): void {
    if (this.#settings.startupDelayMs > 0) this.#schedule(this.#settings.startupDelayMs);
  }

  /** To be told of every change of what refers to what. */
  mutated(change: { readonly deletes: boolean }): void {
    this.#mutations += 1;
    if (change.deletes) this.#deletions += 1;
    if (this.#running !== undefined || this.#ending.signal.aborted) return;
    const { scheduleDelayMs } = this.#settings;
    if (this.#isUrgent()) this.#bringForward(scheduleDelayMs);
    else if (this.#next === undefined && this.#isDue())
      this.#schedule(this.#hasCollected ? this.#intervalMs : scheduleDelayMs);
  }

  /**
   * Runs a collection that begins after this call, and resolves when it has ended. Any number of callers share one.
   * @throws GantryError unavailable if the collection fails or the daemon ends
   */
  async collect({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted();
    if (this.#ending.signal.aborted) throw new GantryError('unavailable', 'garbage collection has ended');
    const waiter = Promise.withResolvers<void>();
    const leave = () => waiter.reject(signal.reason);
    signal.addEventListener('abort', leave);
    this.#waiters.push(waiter);
    if (this.#running === undefined) this.#bringForward(this.#settings.scheduleDelayMs);
    try {
      await waiter.promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** Starts no more collections and waits for the one under way, which ends at its next step. */
  async close(): Promise<void> {
    this.#ending.abort(new GantryError('unavailable', 'garbage collection has ended'));
    this.#next?.cancel();
    this.#next = undefined;
    await this.#running;
    this.#settle((waiter) => waiter.reject(this.#ending.signal.reason), this.#waiters);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #isDue(): boolean {
    const { mutationThreshold } = this.#settings;
    if (this.#waiters.length > 0 || this.#deletions > 0) return true;
    return mutationThreshold > 0 && this.#mutations >= mutationThreshold;
  }

  #isUrgent(): boolean {
    const { deletionThreshold } = this.#settings;
    return deletionThreshold > 0 && this.#deletions >= deletionThreshold;
  }

  #bringForward(delayMs: number): void {
    if (this.#next === undefined || this.#next.atMs > this.#deps.timers.now() + delayMs) this.#schedule(delayMs);
  }

  #schedule(delayMs: number): void {
    this.#next?.cancel();
    const { timers } = this.#deps;
    const cancel = timers.after(delayMs, () => {
      this.#next = undefined;
      // Nothing to do: the next change that makes it due schedules it, so that an idle daemon sleeps.
      if (this.#hasCollected && !this.#isDue()) return;
      this.#running = this.#run();
    });
    this.#next = { atMs: timers.now() + delayMs, cancel };
  }

  /** Never fails. */
  async #run(): Promise<void> {
    const { logger, collect } = this.#deps;
    const waiters = this.#waiters;
    this.#waiters = [];
    // What happens from here on may be missed by this collection, and counts for the next one.
    this.#deletions = 0;
    this.#mutations = 0;
    let delayMs: number;
    try {
      this.#setInterval(await collect(this.#ending.signal));
      delayMs = this.#isUrgent() ? this.#settings.scheduleDelayMs : this.#intervalMs;
      this.#settle((waiter) => waiter.resolve(), waiters);
    } catch (error) {
      if (!this.#ending.signal.aborted) logger.error({ error: messageOf(error) }, 'garbage collection failed');
      delayMs = this.#intervalMs + failureDelayMs;
      // It was due, and still is.
      this.#deletions += 1;
      const reason = new GantryError('unavailable', `gc failed: ${messageOf(error)}`, { cause: error });
      this.#settle((waiter) => waiter.reject(reason), waiters);
    }
    this.#hasCollected = true;
    this.#running = undefined;
    if (this.#ending.signal.aborted) return;
    this.#schedule(this.#waiters.length > 0 ? this.#settings.scheduleDelayMs : delayMs);
  }

  #setInterval(tookMs: number): void {
    const share = Math.min(this.#settings.pauseThreshold, longestPauseShare);
    this.#takenMs += tookMs;
    this.#collections += 1;
    if (share <= 0) return;
    const averageMs = Math.max(this.#takenMs / this.#collections, shortestCollectionMs);
    this.#intervalMs = averageMs / share - averageMs;
  }

  #settle(how: (waiter: PromiseWithResolvers<void>) => void, waiters: readonly PromiseWithResolvers<void>[]): void {
    for (const waiter of waiters) how(waiter);
  }
}
