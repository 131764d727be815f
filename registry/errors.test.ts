import { expect, test } from 'vitest';
import { codeOf, connectionError, kindOfStatus, messageIn, oneLine } from './errors.ts';
import { mask, showUrl } from './mask.ts';

const said = (body: unknown) => messageIn(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

test('the errors of a registry are said with code, message and detail', () => {
  const errors = [
    { code: 'MANIFEST_UNKNOWN', message: 'manifest unknown', detail: { Tag: 'x' } },
    { code: 'DENIED', message: 'requested access is denied', detail: 'quota' },
    { code: 'X' },
    7,
  ];
  expect(said({ errors })).toBe('manifest_unknown (manifest unknown); denied (requested access is denied: quota); x');
});

test('other errors are said as far as they are text', () => {
  expect(said({ error: 'invalid_grant', error_description: 'token expired' })).toBe('invalid_grant: token expired');
  expect(said({ details: 'incorrect username or password' })).toBe('incorrect username or password');
  expect(said('  no\r\n\tservice  here \u001b[31m')).toBe('no service here [31m');
  expect(said('')).toBeUndefined();
  expect(said('<!DOCTYPE html><html>…')).toBeUndefined();
});

test('what others say is bounded', () => {
  expect(oneLine('x'.repeat(10_000)).length).toBeLessThan(500);
});

test.each([
  ['see https://me:hunter2@r.example/v2/', 'hunter2'],
  ['GET https://cdn.example/blob?X-Amz-Signature=abc123&x=y failed', 'abc123'],
  [`https://r.example/${'a'.repeat(10_000)}?signature=abc123`, 'abc123'],
  ['https://r.example#access=abc123', 'abc123'],
  ['https://a@b@me:hunter2@r.example', 'hunter2'],
  ['Authorization: Bearer eyJhbGciOi.J9abc', 'eyJhbGciOi'],
  ['header "Basic bWU6aHVudGVyMg=="', 'bWU6aHVudGVyMg'],
  ['{"access_token":"abcdef","x":1}', 'abcdef'],
  ['refresh_token=abcdef&x=1', 'abcdef'],
])('secrets in %j are masked', (text, secret) => {
  expect(mask(text)).not.toContain(secret);
  expect(mask(text)).toContain('<masked>');
});

test('a hostile text takes no time', () => {
  const startedAt = process.threadCpuUsage();
  for (const text of ['a.', 'a://', 'a://b@', 'a://b?', 'bearer ', 'token=', 'x"token":"']) mask(text.repeat(20_000));
  const { user, system } = process.threadCpuUsage(startedAt);
  expect(user + system).toBeLessThan(1_000_000);
});

test('what is no secret stays', () => {
  const text = 'unauthorized: authentication required for https://r.example/v2/a/b?';
  expect(mask(text)).toBe(text);
  expect(showUrl(new URL('https://u:p@r.example/a?b=c'))).toBe('https://r.example/a?<masked>');
});

test('statuses have the kind that callers can act on', () => {
  expect([401, 403, 404, 413, 429, 500, 503, 418].map(kindOfStatus)).toEqual([
    ...['unauthenticated', 'permission-denied', 'not-found', 'resource-exhausted', 'resource-exhausted'],
    ...['unavailable', 'unavailable', 'unknown'],
  ]);
});

test('errors of connections say what happened, and aborting stays the reason of the caller', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
  const both = new AggregateError([refused], '');
  expect(codeOf(both)).toBe('ECONNREFUSED');
  const { signal } = new AbortController();
  expect(connectionError(both, signal)).toMatchObject({
    kind: 'unavailable',
    message: 'connection refused',
    cause: both,
  });
  const timeout = Object.assign(new Error('x'), { code: 'UND_ERR_CONNECT_TIMEOUT' });
  expect(connectionError(timeout, signal)).toMatchObject({ kind: 'deadline-exceeded' });
  const reason = new Error('mine');
  expect(connectionError(timeout, AbortSignal.abort(reason))).toBe(reason);
});
