import { unpackKnown } from '../proto/any.ts';
import type { Messages } from '../proto/codec.ts';
import type { CallOptions } from './call.ts';
import type { Client } from './client.ts';

/** Something that happened, of whatever namespace. */
export interface ContainerdEvent {
  readonly timestamp: Messages['google.protobuf.Timestamp'] | null;
  readonly namespace: string;
  /** For example `/tasks/exit`. */
  readonly topic: string;
  /** Full name of the event's message. */
  readonly type: string;
  /** The message's fields; undefined for a type that is not known here. */
  readonly event: unknown;
}

/**
 * Events from now on, until the loop is left or the signal aborts. `filters` are containerd's, any of which has to match,
 * for example `topic=="/tasks/exit"`.
 */
export async function* subscribeEvents(
  client: Client,
  filters: readonly string[] = [],
  options: CallOptions = {},
): AsyncGenerator<ContainerdEvent> {
  const events = client.service('containerd.services.events.v1.Events');
  for await (const { timestamp, namespace, topic, event } of events.Subscribe({ filters }, options)) {
    yield {
      timestamp,
      namespace,
      topic,
      type: event?.typeUrl ?? '',
      event: event === null ? undefined : unpackKnown(event),
    };
  }
}
