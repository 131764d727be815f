import { failedPrecondition, GantryError, messageOf } from '../../base/errors.ts';
import type { Any } from '../../proto/any.ts';
import type { Envelope } from '../../proto/gen/api/types/event.ts';
import type { EventExchange } from '../events/exchange.ts';

/** The rules of containerd.services.events.v1.Events; subscribing and forwarding need no namespace. */
export class EventsService {
  readonly #exchange: EventExchange;

  constructor(deps: { exchange: EventExchange }) {
    this.#exchange = deps.exchange;
  }

  publish(namespace: string, topic: string, event: Any | null): void {
    if (event === null) throw failedPrecondition(`event of topic "${topic}" is missing`);
    this.#exchange.publishAny(namespace, topic, event);
  }

  forward(envelope: Envelope | null): void {
    if (envelope === null) throw failedPrecondition('envelope is missing');
    this.#exchange.forward(envelope);
  }

  /**
   * Events from `position` on: see `EventExchange.position`.
   * @throws GantryError unknown for a filter that cannot be parsed: the class that clients of containerd see here
   */
  subscribe(filters: readonly string[], signal: AbortSignal): { position: string; events: AsyncIterable<Envelope> } {
    const { position } = this.#exchange;
    try {
      return { position, events: this.#exchange.subscribe(filters, signal) };
    } catch (error) {
      const message = `failed parsing subscription filters: ${messageOf(error)}`;
      throw new GantryError('unknown', message, { cause: error });
    }
  }
}
