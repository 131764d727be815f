import { expect, test } from 'vitest';
import { type HttpExchange, observed } from './exchange.ts';
import type { HttpAnswer, HttpRequest } from './request.ts';

const request = {
  method: 'GET',
  url: new URL('https://user:pass@r.example/v2/a/blobs/x?signature=abcdef'),
  headers: { Authorization: 'Bearer abcdefghijkl', 'x-private-token': 'mine', accept: ['a/b', 'c/d'] },
  signal: new AbortController().signal,
} as unknown as HttpRequest;

async function exchangeOf(send: () => Promise<HttpAnswer>): Promise<HttpExchange> {
  const told: HttpExchange[] = [];
  await observed(request, send, (exchange) => told.push(exchange)).catch(() => undefined);
  expect(told).toHaveLength(1);
  return told[0] as HttpExchange;
}

test('an exchange is told without what opens anything', async () => {
  const headers = {
    location: 'https://cdn.example/x?X-Amz-Signature=0123',
    'set-cookie': ['session=1234'],
    'docker-content-digest': 'sha256:aa',
  };
  const exchange = await exchangeOf(async () => ({ status: 307, headers }) as unknown as HttpAnswer);
  expect(exchange).toMatchObject({
    method: 'GET',
    url: expect.stringMatching(/^https:\/\/<masked>@r\.example\/v2\/a\/blobs\/x\?(?!.*abcdef)/),
    requestHeaders: { Authorization: '<masked>', 'x-private-token': '<masked>', accept: 'a/b, c/d' },
    answer: {
      status: 307,
      headers: {
        location: expect.not.stringContaining('0123'),
        'set-cookie': '<masked>',
        'docker-content-digest': 'sha256:aa',
      },
    },
  });
});

test('so is a failure', async () => {
  const exchange = await exchangeOf(async () => {
    throw new Error('connect to https://a:b@x/ failed');
  });
  expect(exchange.answer).toEqual({ error: 'connect to https://<masked>@x/ failed' });
});
