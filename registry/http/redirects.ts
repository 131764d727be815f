import { failedPrecondition } from '../../base/errors.ts';
import { showUrl } from '../mask.ts';
import type { HttpAnswer, HttpRequest } from './request.ts';

const maxRedirects = 10;
/** Those that say nothing about a change of the method; the others are followed by who only reads. */
const faithful: ReadonlySet<number> = new Set([307, 308]);
const redirects: ReadonlySet<number> = new Set([301, 302, 303, ...faithful]);

/**
 * Sends a request and follows where it is sent to. What lets us in at one place (and what an administrator added to
 * requests to it) is not told to another.
 * @throws GantryError failed-precondition for redirects without end, to nowhere, or from TLS to plain HTTP
 */
export async function follow(
  request: HttpRequest,
  send: (request: HttpRequest) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  let current = request;
  let isElsewhere = false;
  for (let count = 0; ; count += 1) {
    const answer = await send(current);
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    const isRedirect = (isReading ? redirects : faithful).has(answer.status);
    if (!isRedirect || answer.headers.location === undefined) return answer;
    answer.body.discard();
    if (count === maxRedirects)
      throw failedPrecondition(`more than ${maxRedirects} redirects, the last to ${showUrl(current.url)}`);
    const url = target(answer.headers.location, current.url);
    isElsewhere ||= url.origin !== request.url.origin;
    current = { ...current, url, headers: isElsewhere ? harmless(current.headers) : current.headers };
  }
}

function target(location: string, from: URL): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw failedPrecondition(`${showUrl(from)} redirects to what is no HTTP URL`);
  }
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    throw failedPrecondition(`${showUrl(from)} redirects from https to ${showUrl(url)}`);
  }
  url.username = '';
  url.password = '';
  return url;
}

const kept: ReadonlySet<string> = new Set(['accept', 'accept-encoding', 'range', 'user-agent', 'content-type']);

function harmless(headers: HttpRequest['headers']): HttpRequest['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => kept.has(name.toLowerCase())));
}
