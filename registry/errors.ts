import { STATUS_CODES } from 'node:http';
import { type ErrorKind, GantryError, messageOf } from '../base/errors.ts';
import { readBody } from './http/body.ts';
import type { HttpAnswer } from './http/request.ts';
import { mask } from './mask.ts';

const maxErrorBodyBytes = 64 * 1024;
const maxMessageLength = 400;

const kinds: Readonly<Record<number, ErrorKind>> = {
  400: 'invalid-argument',
  401: 'unauthenticated',
  403: 'permission-denied',
  404: 'not-found',
  405: 'unimplemented',
  408: 'deadline-exceeded',
  409: 'failed-precondition',
  410: 'not-found',
  412: 'failed-precondition',
  413: 'resource-exhausted',
  416: 'out-of-range',
  429: 'resource-exhausted',
  451: 'permission-denied',
  501: 'unimplemented',
  507: 'resource-exhausted',
};

/** What an HTTP status means to a caller. */
export function kindOfStatus(status: number): ErrorKind {
  return kinds[status] ?? (status >= 500 ? 'unavailable' : 'unknown');
}

/** The error that a host's refusal is, with what it says itself. Reads the body, as far as it is of use. */
export async function refusal(answer: HttpAnswer): Promise<GantryError> {
  const { status } = answer;
  const said = await readBody(answer.body, maxErrorBodyBytes).then(messageIn, () => undefined);
  const text = `${status} ${(STATUS_CODES[status] ?? 'unknown status').toLowerCase()}`;
  return new GantryError(kindOfStatus(status), said === undefined ? text : `${text}: ${said}`);
}

/** What the body of an error says: a registry's own list of errors, an OAuth error, or a line of text. */
export function messageIn(body: Uint8Array): string | undefined {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8').trim();
  if (text === '' || /^<(?:!doctype|html|\?xml)/i.test(text)) return undefined;
  return oneLine(fromJson(text) ?? text);
}

function fromJson(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { errors, error, error_description, details, message } = value as Record<string, unknown>;
  if (Array.isArray(errors)) return errors.map(describe).filter(Boolean).join('; ') || undefined;
  const single = [error, error_description, details, message].filter((part) => typeof part === 'string' && part !== '');
  return single.length > 0 ? single.join(': ') : undefined;
}

function describe(item: unknown): string {
  if (typeof item !== 'object' || item === null) return '';
  const { code, message, detail } = item as Record<string, unknown>;
  const parts = [message, typeof detail === 'string' ? detail : undefined].filter(
    (part) => typeof part === 'string' && part !== '',
  );
  const said = [...new Set(parts)].join(': ');
  return typeof code === 'string' && code !== '' ? `${code.toLowerCase()}${said === '' ? '' : ` (${said})`}` : said;
}

/** Text of others made fit for a message: one line, bounded, without secrets. */
export function oneLine(text: string): string {
  const line = mask(
    text
      .slice(0, 10 * maxMessageLength)
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim(),
  );
  return line.length > maxMessageLength ? `${line.slice(0, maxMessageLength)}…` : line;
}

/** Error codes of connections, by what they mean to a caller. */
const connectionKinds: Readonly<Record<string, ErrorKind>> = {
  UND_ERR_CONNECT_TIMEOUT: 'deadline-exceeded',
  UND_ERR_HEADERS_TIMEOUT: 'deadline-exceeded',
  UND_ERR_BODY_TIMEOUT: 'deadline-exceeded',
  ETIMEDOUT: 'deadline-exceeded',
  UND_ERR_HEADERS_OVERFLOW: 'resource-exhausted',
};

/** The error that a broken or impossible connection is. Errors of our own, and the caller's own abort, stay as they are. */
export function connectionError(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof GantryError) return error;
  const code = codeOf(error);
  const kind = connectionKinds[code ?? ''] ?? 'unavailable';
  // A parser's error carries what it could not read, which may be anything.
  const cause = code?.startsWith('HPE_') === true ? undefined : error;
  return new GantryError(kind, oneLine(textOf(error, code)), { cause });
}

/** The code of an error or of the first of those that it is made of. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return code;
  return error instanceof AggregateError ? codeOf(error.errors[0]) : undefined;
}

const texts: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'nothing came for too long',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the answer are too large',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name cannot be looked up',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
};

function textOf(error: unknown, code: string | undefined): string {
  // Node adds advice to people who start it.
  return texts[code ?? ''] ?? (messageOf(error).replace(/; if the root CA .*/, '') || (code ?? 'connection failed'));
}
