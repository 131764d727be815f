import { expect, test } from 'vitest';
import { follow } from './redirects.ts';
import type { HttpAnswer, HttpRequest } from './request.ts';

const secrets = { authorization: 'Bearer x', 'x-custom': 'of the administrator', range: 'bytes=1-', accept: '*/*' };

/** Follows from a URL through a table of locations; answers with what was asked. */
async function from(
  start: string,
  locations: Record<string, string | [number, string]>,
  method: 'GET' | 'PUT' = 'GET',
) {
  const asked: HttpRequest[] = [];
  const request = { method, url: new URL(start), headers: secrets, signal: new AbortController().signal };
  const answer = await follow(request, async (current) => {
    asked.push(current);
    const [status, location] = [locations[current.url.href] ?? [200, undefined]].flatMap((entry) =>
      typeof entry === 'string' ? [307, entry] : entry,
    ) as [number, string | undefined];
    return {
      status,
      headers: { location },
      url: current.url,
      body: { discard: () => undefined },
    } as unknown as HttpAnswer;
  });
  return { answer, asked, urls: asked.map(({ url }) => url.href) };
}

test('redirects are followed, relative ones too', async () => {
  const { urls, asked } = await from('https://r.example/v2/a', { 'https://r.example/v2/a': '../b?c=d' });
  expect(urls).toEqual(['https://r.example/v2/a', 'https://r.example/b?c=d']);
  expect(asked[1]?.headers).toEqual(secrets);
});

test('another host is told what to send, not who asks, and neither is the first one afterwards', async () => {
  const { asked } = await from('https://r.example/', {
    'https://r.example/': 'https://me:secret@cdn.example/x',
    'https://cdn.example/x': 'https://r.example/y',
  });
  expect(asked.map(({ url }) => url.href)).toEqual([
    'https://r.example/',
    'https://cdn.example/x',
    'https://r.example/y',
  ]);
  for (const { headers } of asked.slice(1)) expect(headers).toEqual({ range: 'bytes=1-', accept: '*/*' });
});

test('another port is another host', async () => {
  const { asked } = await from('https://r.example/', { 'https://r.example/': 'https://r.example:444/' });
  expect(asked[1]?.headers).not.toHaveProperty('authorization');
});

test.each([
  ['a loop', { 'https://r.example/': 'https://r.example/' }, 'more than 10 redirects'],
  [
    'from TLS to plain HTTP',
    { 'https://r.example/': 'http://r.example/?signature=s3cret' },
    'from https to http://r.example/',
  ],
  ['a file', { 'https://r.example/': 'file:///etc/passwd' }, 'what is no HTTP URL'],
  ['nonsense', { 'https://r.example/': 'https://[' }, 'what is no HTTP URL'],
])('%s is refused', async (_, locations, message) => {
  const error = await from('https://r.example/', locations).catch((thrown) => thrown);
  expect(error).toMatchObject({ kind: 'failed-precondition' });
  expect(error.message).toContain(message);
  expect(error.message).not.toContain('s3cret');
});

test('what changes something is sent elsewhere only as it is', async () => {
  const moved = await from('https://r.example/', { 'https://r.example/': [307, 'https://s.example/'] }, 'PUT');
  expect(moved.urls).toEqual(['https://r.example/', 'https://s.example/']);
  const found = await from('https://r.example/', { 'https://r.example/': [302, 'https://s.example/'] }, 'PUT');
  expect(found.answer.status).toBe(302);
});
