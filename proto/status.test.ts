import { expect, test } from 'vitest';
import { type ErrorKind, GantryError, wrap } from '../base/errors.ts';
import { fromStatus, kindOf, toStatus } from './status.ts';

test('every code becomes its kind and back', () => {
  const kinds = Array.from({ length: 16 }, (_, at) => fromStatus({ code: at + 1, message: 'x' }).kind);
  expect(new Set(kinds).size).toBe(16);
  kinds.forEach((kind, at) => {
    expect(toStatus(new GantryError(kind, 'x')).code).toBe(at + 1);
  });
  expect(fromStatus({ code: 99, message: 'x' }).kind).toBe('unknown');
});

test.each<[ErrorKind, string, string]>([
  ['not-found', 'container "x"', 'container "x": not found'],
  ['not-found', 'container "x": not found', 'container "x": not found'],
  ['not-found', '', 'not found'],
  ['unimplemented', 'method Stat not implemented', 'method Stat not implemented'],
  ['unauthenticated', 'token', 'token: unauthorized'],
  ['canceled', 'context canceled', 'context canceled'],
  ['failed-precondition', 'update: conflict', 'update: conflict'],
  ['failed-precondition', 'not modified', 'not modified'],
  ['failed-precondition', 'in conflict', 'in conflict: failed precondition'],
  ['unknown', 'anything', 'anything'],
])('%s %j is sent as %j', (kind, message, sent) => {
  expect(toStatus(new GantryError(kind, message)).message).toBe(sent);
});

test('a received error is passed on unchanged', () => {
  const status = { code: 5, message: 'snapshot x does not exist: not found' };
  expect(toStatus(fromStatus(status))).toEqual(status);
  expect(toStatus(wrap(fromStatus(status), 'prepare'))).toEqual({ code: 5, message: `prepare: ${status.message}` });
});

test('errors of Node and of grpc-js', () => {
  const timedOut = new DOMException('x', 'TimeoutError');
  expect(kindOf(new DOMException('x', 'AbortError'))).toBe('canceled');
  expect(kindOf(timedOut)).toBe('deadline-exceeded');
  expect(kindOf(Object.assign(new Error('x'), { code: 'ENOSPC' }))).toBe('resource-exhausted');
  expect(kindOf(Object.assign(new Error('x'), { code: 'EWHATEVER' }))).toBe('internal');
  expect(kindOf(Object.assign(new Error('exit'), { code: 5 }))).toBe('internal');
  const service = Object.assign(new Error('5 NOT_FOUND: a: not found'), { code: 5, details: 'a: not found' });
  expect(toStatus(service)).toEqual({ code: 5, message: 'a: not found' });
  expect(toStatus(new TypeError('boom'))).toEqual({ code: 13, message: 'boom: internal' });
  expect(toStatus('thrown text')).toEqual({ code: 13, message: 'thrown text: internal' });
});

test('texts that a header cannot carry are mended', () => {
  expect(toStatus(new GantryError('unknown', 'half \ud83d')).message).toBe('half \ufffd');
  const long = toStatus(new GantryError('not-found', `${'a'.repeat(100_000)}`)).message;
  expect(long.length).toBeLessThanOrEqual(8_192);
  expect(long).toMatch(/^a+ … a+: not found$/);
});
