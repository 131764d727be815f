import type { Clock } from '../../base/clock.ts';
import { GantryError } from '../../base/errors.ts';
import { rfc3339FromTimestamp, timestampFromNs } from '../../proto/timestamp.ts';

/** Who holds which ref. Nobody waits for a lock: the second one is told to try again later. */
export class RefLocks {
  readonly #sinceNs = new Map<string, bigint>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Locks a ref until the returned function is called. @throws GantryError unavailable if it is locked */
  acquire(ref: string): () => void {
    const nowNs = this.#clock.now();
    const sinceNs = this.#sinceNs.get(ref);
    if (sinceNs !== undefined) {
      // How long tells a forgotten lock from two writers that just met.
      const heldSeconds = Number(nowNs - sinceNs) / 1e9;
      const since = rfc3339FromTimestamp(timestampFromNs(sinceNs));
      throw new GantryError('unavailable', `ref ${ref} locked for ${heldSeconds}s (since ${since})`);
    }
    this.#sinceNs.set(ref, nowNs);
    let held = true;
    return () => {
      if (held) this.#sinceNs.delete(ref);
      held = false;
    };
  }

  /** The refs that somebody holds. */
  refs(): Iterable<string> {
    return this.#sinceNs.keys();
  }

  has(ref: string): boolean {
    return this.#sinceNs.has(ref);
  }
}
