import type { Init } from '../../proto/codec.ts';
import type { Messages } from '../../proto/gen/index.ts';

/** Where services announce what they have already done and stored. */
export interface EventPublisher {
  /**
   * Tells every subscriber. Never blocks and never fails: call it after the state it speaks of is durable.
   * @param topic such as `/containers/create`
   * @param type full protobuf name of the event's message
   */
  publish<N extends keyof Messages>(namespace: string, topic: string, type: N, event: Init<Messages[N]>): void;
}
