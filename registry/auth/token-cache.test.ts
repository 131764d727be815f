import { expect, test, vi } from 'vitest';
import type { TokenQuestion } from './token.ts';
import { TokenCache } from './token-cache.ts';

const question: TokenQuestion = {
  realm: new URL('https://t.example/'),
  service: 's',
  scopes: ['a'],
  credentials: undefined,
};
const later = () => Date.now() + 60_000;
const counting = (expiresAtMs: () => number) => {
  let count = 0;
  return vi.fn(async () => ({ value: `t${count++}`, expiresAtMs: expiresAtMs() }));
};

test('a token is kept while it lives', async () => {
  const cache = new TokenCache();
  let expiresAtMs = later();
  const fetch = counting(() => expiresAtMs);
  expect((await cache.get(question, fetch)).value).toBe('t0');
  expect((await cache.get({ ...question }, fetch)).value).toBe('t0');
  expiresAtMs = Date.now() - 1;
  const other = { ...question, scopes: ['b'] };
  expect((await cache.get(other, fetch)).value).toBe('t1');
  expect((await cache.get(other, fetch)).value).toBe('t2');
});

test('each question has a token of its own', async () => {
  const cache = new TokenCache();
  const fetch = counting(later);
  const questions: TokenQuestion[] = [
    question,
    { ...question, scopes: ['a', 'b'] },
    { ...question, service: undefined },
    { ...question, realm: new URL('https://u.example/') },
    { ...question, credentials: { kind: 'basic', username: 'a', password: 'b' } },
    { ...question, credentials: { kind: 'basic', username: 'a', password: 'c' } },
    { ...question, credentials: { kind: 'refresh-token', token: 'a' } },
  ];
  for (const item of questions) await cache.get(item, fetch);
  expect(fetch).toHaveBeenCalledTimes(questions.length);
});

test('only the token that was refused is dropped', async () => {
  const cache = new TokenCache();
  const fetch = counting(later);
  const first = await cache.get(question, fetch);
  cache.drop(question, first);
  const second = await cache.get(question, fetch);
  cache.drop(question, first);
  expect(await cache.get(question, fetch)).toBe(second);
});

test('a failure is not kept', async () => {
  const cache = new TokenCache();
  await expect(cache.get(question, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
  expect((await cache.get(question, counting(later))).value).toBe('t0');
});
