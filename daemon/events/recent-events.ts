import type { Envelope } from '../../proto/gen/api/types/event.ts';

/** The newest events, as many as fit, oldest first. */
export class RecentEvents implements Iterable<Envelope> {
  readonly #capacity: { readonly events: number; readonly bytes: number };
  readonly #events: Envelope[] = [];
  #bytes = 0;

  constructor(capacity: {
    readonly events: number;
    /** Payloads of all of them together. */
    readonly bytes: number;
  }) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#events.length;
  }

  /** Adds the newest; the oldest make room for it. */
  add(envelope: Envelope): void {
    this.#events.push(envelope);
    this.#bytes += payloadBytes(envelope);
    while (this.#events.length > this.#capacity.events || this.#bytes > this.#capacity.bytes) {
      this.#bytes -= payloadBytes(this.#events.shift() as Envelope);
    }
  }

  [Symbol.iterator](): Iterator<Envelope> {
    return this.#events.values();
  }
}

/** What an event holds in memory, near enough. */
export const payloadBytes = ({ event }: Envelope): number => event?.value.length ?? 0;
