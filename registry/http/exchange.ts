import { mask } from '../mask.ts';
import type { HttpAnswer, HttpRequest } from './request.ts';

/** One request to a host and what came of it, without bodies and without what opens anything. */
export interface HttpExchange {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** Until the head of the answer was there. */
  readonly durationMs: number;
  readonly answer:
    | { readonly status: number; readonly headers: Readonly<Record<string, string>> }
    | { readonly error: string };
}

/** Told of every request when its answer begins: redirected, repeated and refused ones, and those to token servers. */
export type OnExchange = (exchange: HttpExchange) => void;

/** Headers that never open anything; of all others nobody knows. */
const harmless =
  /^(?:accept.*|age|cache-control|connection|content-.*|date|docker-.*|etag|host|keep-alive|link|location|oci-.*|range|ratelimit.*|retry-after|server|transfer-encoding|user-agent|vary|via|warning|www-authenticate)$/;

/** Sends a request and tells of it. */
export async function observed(
  request: HttpRequest,
  send: (request: HttpRequest) => Promise<HttpAnswer>,
  onExchange: OnExchange,
): Promise<HttpAnswer> {
  const startedAt = performance.now();
  const tell = (answer: HttpExchange['answer']) => {
    const { method, url, headers } = request;
    const durationMs = Math.round(performance.now() - startedAt);
    onExchange({ method, url: mask(url.href), requestHeaders: shown(headers), durationMs, answer });
  };
  try {
    const answer = await send(request);
    tell({ status: answer.status, headers: shown(answer.headers) });
    return answer;
  } catch (error) {
    tell({ error: mask(error instanceof Error ? error.message : String(error)) });
    throw error;
  }
}

function shown(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const text = typeof value === 'string' ? value : value.join(', ');
    return [[name, harmless.test(name.toLowerCase()) ? mask(text) : '<masked>']];
  });
  return Object.fromEntries(entries);
}
