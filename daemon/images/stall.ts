import { GantryError } from '../../base/errors.ts';

export interface StallLimits {
  /** How long a transfer may go with fewer than `minBytes`. */
  readonly intervalMs: number;
  readonly minBytes: number;
}

/**
 * Gives up a transfer that hardly moves. What counts are the bytes of a whole interval, so that one now and then does not
 * keep it alive; time in which nobody waits for the other side does not count.
 */
export class StallWatch implements Disposable {
  readonly #limits: StallLimits;
  readonly #giveUp: (error: GantryError) => void;
  #timer: NodeJS.Timeout;
  #bytes = 0;
  #pausedAt: number | undefined;
  #pausedMs = 0;

  constructor(limits: StallLimits, giveUp: (error: GantryError) => void) {
    this.#limits = limits;
    this.#giveUp = giveUp;
    this.#timer = this.#arm(limits.intervalMs);
  }

  received(bytes: number): void {
    this.#bytes += bytes;
  }

  /** The other side is not waited for until `resume`. */
  pause(): void {
    this.#pausedAt ??= performance.now();
  }

  resume(): void {
    this.#pausedMs += this.#pausedSince();
    this.#pausedAt = undefined;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #arm(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), delayMs);
  }

  #look(): void {
    const { intervalMs, minBytes } = this.#limits;
    const pausedMs = Math.min(intervalMs, this.#pausedMs + this.#pausedSince());
    if (this.#pausedAt !== undefined) this.#pausedAt = performance.now();
    this.#pausedMs = 0;
    if (this.#bytes < minBytes && pausedMs > 0) {
      // As long again as it was not waited for.
      this.#timer = this.#arm(Math.ceil(pausedMs));
      return;
    }
    if (this.#bytes < minBytes) {
      const text = `stalled: ${this.#bytes} bytes in ${intervalMs / 1_000} s`;
      this.#giveUp(new GantryError('deadline-exceeded', text));
      return;
    }
    this.#bytes = 0;
    this.#timer = this.#arm(intervalMs);
  }

  #pausedSince(): number {
    return this.#pausedAt === undefined ? 0 : performance.now() - this.#pausedAt;
  }
}
