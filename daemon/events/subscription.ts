import { GantryError } from '../../base/errors.ts';
import type { Envelope } from '../../proto/gen/api/types/event.ts';
import { payloadBytes } from './recent-events.ts';

/** How far a subscriber may be behind. */
export interface Capacity {
  readonly events: number;
  /** Payloads of all those events together. */
  readonly bytes: number;
}

/**
 * The bounded queue between the exchange and one subscriber. A subscriber that falls further behind than its capacity
 * is dropped with resource-exhausted, so that it knows it missed some; the source never waits for it.
 */
export class Subscription implements AsyncIterable<Envelope> {
  readonly #capacity: Capacity;
  readonly #matches: (envelope: Envelope) => boolean;
  readonly #queue: Envelope[] = [];
  #queuedBytes = 0;
  #failure: GantryError | undefined;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(matches: (envelope: Envelope) => boolean, capacity: Capacity) {
    this.#matches = matches;
    this.#capacity = capacity;
  }

  /** Queues the envelope if the subscriber asked for it. */
  offer(envelope: Envelope): void {
    if (this.#closed || this.#failure !== undefined || !this.#matches(envelope)) return;
    const sizeBytes = payloadBytes(envelope);
    if (this.#queue.length >= this.#capacity.events || this.#queuedBytes + sizeBytes > this.#capacity.bytes) {
      this.#failure = new GantryError(
        'resource-exhausted',
        `subscriber fell more than ${this.#queue.length} events behind and was dropped: subscribe again and resynchronize`,
      );
    } else {
      this.#queue.push(envelope);
      this.#queuedBytes += sizeBytes;
    }
    this.#wake?.();
  }

  /** Ends the iteration; what is queued is forgotten. */
  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#wake?.();
  }

  /** What was queued before a drop is still delivered, then the iteration throws. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Envelope, void, void> {
    for (;;) {
      const envelope = this.#queue.shift();
      if (envelope !== undefined) {
        this.#queuedBytes -= payloadBytes(envelope);
        yield envelope;
      } else if (this.#failure !== undefined) {
        throw this.#failure;
      } else if (this.#closed) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
