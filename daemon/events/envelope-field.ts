import { unpackKnown } from '../../proto/any.ts';
import type { Envelope } from '../../proto/gen/api/types/event.ts';

/**
 * Field lookup for event filters: `namespace`, `topic`, and `event.PATH` with the event's own proto field names.
 * The event is decoded once, and only if a filter asks for it.
 */
export function envelopeField(envelope: Envelope): (path: readonly string[]) => string | undefined {
  let event: unknown;
  return ([first, ...rest]) => {
    if (first === 'namespace' || first === 'topic') return present(envelope[first]);
    if (first !== 'event' || envelope.event === null) return undefined;
    event ??= unpackKnown(envelope.event) ?? {};
    return lookUp(event, rest);
  };
}

function lookUp(value: unknown, path: readonly string[]): string | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return scalar(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = value as Record<string, unknown>;
  // Label keys may hold dots, which the filter split.
  if (first === 'labels') return scalar(ownField(fields['labels'], rest.join('.')));
  return lookUp(ownField(fields, camelCase(first)), rest);
}

function ownField(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** Only strings and booleans can be filtered on; an empty string counts as absent. */
function scalar(value: unknown): string | undefined {
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? present(value) : undefined;
}

const present = (text: string) => (text === '' ? undefined : text);

const camelCase = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
