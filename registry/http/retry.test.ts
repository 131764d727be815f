import { expect, test } from 'vitest';
import type { HttpAnswer } from './request.ts';
import { retryAdvice, retryAfterMs, withPatience } from './retry.ts';

const { signal } = new AbortController();

const answer = (status: number, retryAfter?: string) =>
  ({ status, headers: { 'retry-after': retryAfter }, body: { discard: () => undefined } }) as unknown as HttpAnswer;

/** Plays one try after the other; the last is repeated. */
async function play(attempts: number, tries: (HttpAnswer | string)[], mayRepeat = true) {
  let count = 0;
  const status = await withPatience({ attempts, mayRepeat, signal }, async () => {
    const next = tries[Math.min(count, tries.length - 1)];
    count += 1;
    if (typeof next === 'object') return next;
    throw Object.assign(new Error(next), { code: next });
  }).then(
    (good) => good.status,
    (error) => error.code,
  );
  return { status, count };
}

test('a host that stumbles or is busy is asked again', async () => {
  expect(await play(4, [answer(500), answer(503, '0'), answer(200)])).toEqual({ status: 200, count: 3 });
});

test('tries are bounded', async () => {
  expect(await play(3, [answer(502)])).toEqual({ status: 502, count: 3 });
  expect(await play(3, ['ECONNRESET'])).toEqual({ status: 'ECONNRESET', count: 3 });
  expect(await play(1, [answer(503, '0')])).toEqual({ status: 503, count: 1 });
});

test('what the next time would answer the same is not asked again', async () => {
  for (const status of [200, 404, 401, 403, 501]) {
    expect(await play(4, [answer(status), answer(200)])).toEqual({ status, count: 1 });
  }
  expect(await play(4, ['ECONNREFUSED', answer(200) as never])).toEqual({ status: 'ECONNREFUSED', count: 1 });
});

test('a connection that was closed under way is made again even with one try, unless that may not be', async () => {
  expect(await play(1, ['UND_ERR_SOCKET', answer(200)])).toEqual({ status: 200, count: 2 });
  expect(await play(1, ['UND_ERR_SOCKET', answer(200)], false)).toEqual({ status: 'UND_ERR_SOCKET', count: 1 });
});

test("more patience than is sensible is the caller's to have", async () => {
  const patient = answer(429, '3600');
  expect(await play(4, [patient, answer(200)])).toEqual({ status: 429, count: 1 });
  expect(retryAdvice(patient)).toBe(', to be tried again in 3600 s');
  expect(retryAdvice(answer(429, '5'))).toBe('');
});

test('waiting ends with the caller', async () => {
  const controller = new AbortController();
  const waiting = withPatience({ attempts: 4, signal: controller.signal }, async () => answer(503, '20'));
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow();
});

test('Retry-After is seconds or a date', () => {
  const nowMs = Date.parse('Sat, 21 Nov 2026 04:00:00 GMT');
  expect(retryAfterMs('7', nowMs)).toBe(7_000);
  expect(retryAfterMs('Sat, 21 Nov 2026 04:00:09 GMT', nowMs)).toBe(9_000);
  expect(retryAfterMs('Sat, 21 Nov 2026 03:00:00 GMT', nowMs)).toBe(0);
  expect(retryAfterMs('soon', nowMs)).toBeUndefined();
  expect(retryAfterMs(undefined, nowMs)).toBeUndefined();
});
