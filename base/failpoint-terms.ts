import { invalidArgument } from './errors.ts';

/** What happens at a failpoint. */
export type FailpointAction =
  | { readonly type: 'off' }
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'panic'; readonly message: string }
  | { readonly type: 'delay'; readonly delayMs: number }
  | { readonly type: 'crash' };

/** An action and how often in a row it happens; `Infinity` for ever. */
export interface FailpointTerm {
  readonly count: number;
  readonly action: FailpointAction;
}

const termPattern = /^(?:(\d+)\*)?(off|error|panic|delay|crash)(?:\((.*)\))?$/s;
const durationPattern = /^(\d+)(ms|s)$/;

/**
 * Reads the terms of one failpoint, as FreeBSD writes them: `2*off->1*error(no luck)->crash`. Each term is used up before
 * the next, one without a count never is, and past the last the failpoint is off.
 * @throws GantryError invalid-argument, quoting the term
 */
export function parseTerms(text: string): FailpointTerm[] {
  return text.split('->').map(parseTerm);
}

function parseTerm(text: string): FailpointTerm {
  const match = termPattern.exec(text.trim());
  if (match === null)
    throw invalidArgument(`failpoint term "${text}" is not [count*](off|error|panic|delay|crash)[(…)]`);
  const [, count, type = '', argument] = match;
  return {
    count: count === undefined ? Number.POSITIVE_INFINITY : Number(count),
    action: toAction(type, argument, text),
  };
}

function toAction(type: string, argument: string | undefined, term: string): FailpointAction {
  if (type === 'error' || type === 'panic') return { type, message: argument ?? `failpoint ${type}` };
  if (type === 'delay') return { type, delayMs: parseDelay(argument ?? '', term) };
  if (argument !== undefined) throw invalidArgument(`failpoint term "${term}": ${type} takes nothing in brackets`);
  return { type: type === 'crash' ? 'crash' : 'off' };
}

function parseDelay(text: string, term: string): number {
  const match = durationPattern.exec(text);
  if (match === null) throw invalidArgument(`failpoint term "${term}" needs a time such as 50ms or 2s`);
  return Number(match[1]) * (match[2] === 's' ? 1_000 : 1);
}
