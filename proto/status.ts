/** The one place where errors become gRPC or ttrpc statuses, and statuses errors. */
import { type ErrorKind, GantryError, messageOf } from '../base/errors.ts';

/** A status as both transports carry it: a gRPC code number and a text. */
export interface WireStatus {
  readonly code: number;
  readonly message: string;
}

/**
 * Each kind with its code and the text containerd's clients know the class by. Record keeps it exhaustive: a new kind does
 * not compile without its line.
 */
const CLASSES: Readonly<Record<ErrorKind, { code: number; text: string }>> = {
  canceled: { code: 1, text: 'context canceled' },
  unknown: { code: 2, text: 'unknown' },
  'invalid-argument': { code: 3, text: 'invalid argument' },
  'deadline-exceeded': { code: 4, text: 'context deadline exceeded' },
  'not-found': { code: 5, text: 'not found' },
  'already-exists': { code: 6, text: 'already exists' },
  'permission-denied': { code: 7, text: 'permission denied' },
  'resource-exhausted': { code: 8, text: 'resource exhausted' },
  'failed-precondition': { code: 9, text: 'failed precondition' },
  aborted: { code: 10, text: 'aborted' },
  'out-of-range': { code: 11, text: 'out of range' },
  unimplemented: { code: 12, text: 'not implemented' },
  internal: { code: 13, text: 'internal' },
  unavailable: { code: 14, text: 'unavailable' },
  'data-loss': { code: 15, text: 'data loss' },
  unauthenticated: { code: 16, text: 'unauthorized' },
};

/** Two more classes of containerd that travel as FailedPrecondition and are told apart by this ending. */
const PRECONDITION_TEXTS = ['conflict', 'not modified'];

const KINDS: ReadonlyMap<number, ErrorKind> = new Map(
  Object.entries(CLASSES).map(([kind, { code }]) => [code, kind as ErrorKind]),
);

/** System call failures that mean the same whatever was being done. */
const ERRNO_KINDS: Readonly<Record<string, ErrorKind>> = {
  ENOENT: 'not-found',
  EEXIST: 'already-exists',
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
  EROFS: 'permission-denied',
  ENOSPC: 'resource-exhausted',
  EDQUOT: 'resource-exhausted',
  EMFILE: 'resource-exhausted',
  ENFILE: 'resource-exhausted',
  ENOMEM: 'resource-exhausted',
  EBUSY: 'failed-precondition',
  ENOTEMPTY: 'failed-precondition',
  ECONNREFUSED: 'unavailable',
  ECONNRESET: 'unavailable',
  EPIPE: 'unavailable',
  ETIMEDOUT: 'deadline-exceeded',
  ENOSYS: 'unimplemented',
  EOPNOTSUPP: 'unimplemented',
};

/** gRPC sends the text in a header; peers refuse headers that are too long. */
const maxMessageChars = 8_192;

/**
 * What went wrong, as a kind: of a GantryError its own; of an aborted signal canceled or deadline-exceeded; of a gRPC
 * client's error its code; of a failed system call what the errno says; of anything else internal.
 */
export function kindOf(error: unknown): ErrorKind {
  if (error instanceof GantryError) return error.kind;
  if (!(error instanceof Error)) return 'internal';
  if (error.name === 'AbortError') return 'canceled';
  if (error.name === 'TimeoutError') return 'deadline-exceeded';
  const { code } = error as { code?: unknown };
  if (typeof code === 'number' && grpcDetails(error) !== undefined) return KINDS.get(code) ?? 'unknown';
  return (typeof code === 'string' && ERRNO_KINDS[code]) || 'internal';
}

/**
 * The status to send for an error. The text is the error's message, ending with the text of its class as containerd's
 * clients expect it (`container "x": not found`); it is added where missing, except for unknown errors.
 */
export function toStatus(error: unknown): WireStatus {
  const { code, message } = statusOf(kindOf(error), textOf(error));
  return { code, message: bounded(message) };
}

/** The status of a kind, for a text that stands on its own or already ends with the class text. */
export function statusOf(kind: ErrorKind, message: string): WireStatus {
  const { code, text } = CLASSES[kind];
  if (kind === 'unknown' || endsWithClass(kind, message)) return { code, message };
  return { code, message: message === '' ? text : `${message}: ${text}` };
}

/** The error a received status stands for, its text unchanged. An unknown code becomes kind unknown. */
export function fromStatus(status: WireStatus): GantryError {
  return new GantryError(KINDS.get(status.code) ?? 'unknown', status.message);
}

function endsWithClass(kind: ErrorKind, message: string): boolean {
  if (message.endsWith(CLASSES[kind].text)) return true;
  return (
    kind === 'failed-precondition' &&
    PRECONDITION_TEXTS.some((text) => message === text || message.endsWith(`: ${text}`))
  );
}

function textOf(error: unknown): string {
  return grpcDetails(error) ?? messageOf(error);
}

/** grpc-js puts the code before the text of its errors and keeps the bare text in `details`, which marks them as its. */
function grpcDetails(error: unknown): string | undefined {
  const details = error instanceof Error && 'details' in error ? error.details : undefined;
  return typeof details === 'string' ? details : undefined;
}

/** Cuts the middle out of an over-long text, and mends lone surrogates, which grpc-js cannot encode. */
function bounded(message: string): string {
  const text = message.toWellFormed();
  if (text.length <= maxMessageChars) return text;
  const half = maxMessageChars / 2 - 2;
  return `${text.slice(0, half)} … ${text.slice(-half)}`.toWellFormed();
}
