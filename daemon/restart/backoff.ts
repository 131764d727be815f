const longestMs = 5 * 60_000;
/** A task that ran for so many intervals is well again. */
const wellAfterIntervals = 10;

/**
 * How soon a task that keeps ending is started again: the first two times as soon as it is noticed, then after twice as
 * long each time, at most five minutes after the last start.
 */
export class Backoff {
  readonly #intervalMs: number;
  readonly #starts = new Map<string, { atMs: number; delayMs: number }>();

  constructor(options: { readonly intervalMs: number }) {
    this.#intervalMs = options.intervalMs;
  }

  /** Whether a task that ended at `endedMs` may be started at `nowMs`. */
  allows(key: string, nowMs: number, endedMs: number): boolean {
    const last = this.#starts.get(key);
    if (last === undefined) return true;
    if (endedMs - last.atMs >= this.#intervalMs * wellAfterIntervals) {
      this.#starts.delete(key);
      return true;
    }
    return nowMs - last.atMs >= last.delayMs;
  }

  /** It is started now. */
  started(key: string, nowMs: number): void {
    const delayMs = this.#starts.get(key)?.delayMs ?? this.#intervalMs / 2;
    this.#starts.set(key, { atMs: nowMs, delayMs: Math.min(delayMs * 2, longestMs) });
  }

  /** Forgets all but these. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#starts.keys()) if (!keys.has(key)) this.#starts.delete(key);
  }
}
