import type { Clock } from '../../base/clock.ts';
import { invalidArgument, messageOf, wrap } from '../../base/errors.ts';
import { failpointSync } from '../../base/failpoint.ts';
import { parseFilters } from '../../base/filter.ts';
import { randomHex, validateIdentifier } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import { type Any, pack } from '../../proto/any.ts';
import type { Init } from '../../proto/codec.ts';
import type { Envelope } from '../../proto/gen/api/types/event.ts';
import type { Messages } from '../../proto/gen/index.ts';
import { timestampFromNs } from '../../proto/timestamp.ts';
import { envelopeField } from './envelope-field.ts';
import type { EventPublisher } from './publisher.ts';
import { RecentEvents } from './recent-events.ts';
import { Subscription } from './subscription.ts';
import { validateTopic } from './topic.ts';

/** How far one subscriber may be behind before it is dropped, and how much is kept for those that come back. */
const capacity = { events: 4096, bytes: 32 * 1024 * 1024 };

/** Hands every event to every subscriber, in the order in which they were published. */
export class EventExchange implements EventPublisher {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #subscriptions = new Set<Subscription>();
  readonly #life = randomHex(8);
  #published = 0;
  #recent: RecentEvents | undefined;

  constructor(deps: { clock: Clock; log: Logger }) {
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /**
   * Where a subscription made now begins: `LIFE/NUMBER`, the number of its first event from 0 and the life another one
   * after every start of the daemon. One who subscribes at the position that its last subscription has come to has
   * missed nothing.
   */
  get position(): string {
    return `${this.#life}/${this.#published - (this.#recent?.length ?? 0)}`;
  }

  /**
   * From now on, and for that time, whoever subscribes is told first what was published since: for subscribers of an
   * earlier life of the daemon, which take a while to notice that it is back and have no other way to learn of what
   * happened meanwhile.
   */
  keepForReturning(durationMs: number): Disposable {
    this.#recent = new RecentEvents(capacity);
    const forget = () => {
      this.#recent = undefined;
    };
    const timer = setTimeout(forget, durationMs).unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }

  publish<N extends keyof Messages>(namespace: string, topic: string, type: N, event: Init<Messages[N]>): void {
    try {
      this.publishAny(namespace, topic, pack(type, event));
    } catch (error) {
      // The state is already stored; an event that cannot be sent must not turn success into failure.
      this.#log.error({ namespace, topic, error: messageOf(error) }, 'could not publish event');
    }
  }

  /**
   * Publishes an event made by a client, now.
   * @throws GantryError invalid-argument for a bad topic
   */
  publishAny(namespace: string, topic: string, event: Any): void {
    validateTopic(topic);
    this.#deliver({ timestamp: timestampFromNs(this.#clock.now()), namespace, topic, event });
  }

  /**
   * Passes on an event as another publisher made it, with its own time and namespace.
   * @throws GantryError invalid-argument for a bad topic or namespace, or without a timestamp
   */
  forward(envelope: Envelope): void {
    try {
      validateIdentifier(envelope.namespace);
    } catch (error) {
      throw wrap(error, 'event envelope has invalid namespace');
    }
    validateTopic(envelope.topic);
    if (envelope.timestamp === null) throw invalidArgument('timestamp must be set on forwarded event');
    this.#deliver(envelope);
  }

  /**
   * The events from `position` on that match any of the filters (all events without filters), until `signal` aborts.
   * @throws GantryError invalid-argument for a filter that cannot be parsed; resource-exhausted, while iterating, when
   *   the subscriber was too slow
   */
  subscribe(filters: readonly string[], signal: AbortSignal): AsyncIterable<Envelope> {
    const matches = parseFilters(filters);
    const subscription = new Subscription((envelope) => matches(envelopeField(envelope)), capacity);
    for (const envelope of this.#recent ?? []) subscription.offer(envelope);
    this.#subscriptions.add(subscription);
    const end = () => {
      this.#subscriptions.delete(subscription);
      subscription.close();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
    return subscription;
  }

  #deliver(envelope: Envelope): void {
    this.#published++;
    this.#recent?.add(envelope);
    for (const subscription of this.#subscriptions) subscription.offer(envelope);
    failpointSync('event.published');
  }
}
