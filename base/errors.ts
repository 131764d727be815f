/**
 * Every way an operation of Gantry can fail, as far as a caller may want to tell them apart.
 * The set is closed and mirrors gRPC's status codes; `proto/status.ts` is the only place that maps it to the wire.
 */
export type ErrorKind =
  | 'invalid-argument'
  | 'not-found'
  | 'already-exists'
  | 'permission-denied'
  | 'resource-exhausted'
  | 'failed-precondition'
  | 'aborted'
  | 'out-of-range'
  | 'unimplemented'
  | 'internal'
  | 'unavailable'
  | 'data-loss'
  | 'unauthenticated'
  | 'canceled'
  | 'deadline-exceeded'
  | 'unknown';

/**
 * The one error class. The message is lower case, without a full stop, and names the id or path it is about;
 * `cause` is kept for the log and never sent to a client.
 */
export class GantryError extends Error {
  readonly kind: ErrorKind;

  constructor(kind: ErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'GantryError';
    this.kind = kind;
  }
}

/** True when `error` is a GantryError of that kind. */
export function isKind(error: unknown, kind: ErrorKind): error is GantryError {
  return error instanceof GantryError && error.kind === kind;
}

/** The text of anything that can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Prefixes the message with what was being done, keeping the kind and the original as cause. */
export function wrap(error: unknown, doing: string): GantryError {
  const kind = error instanceof GantryError ? error.kind : 'unknown';
  return new GantryError(kind, `${doing}: ${messageOf(error)}`, { cause: error });
}

export const notFound = (what: string) => new GantryError('not-found', what);
export const alreadyExists = (what: string) => new GantryError('already-exists', what);
export const invalidArgument = (what: string) => new GantryError('invalid-argument', what);
export const failedPrecondition = (what: string) => new GantryError('failed-precondition', what);
