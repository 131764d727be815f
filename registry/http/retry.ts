import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../errors.ts';
import type { HttpAnswer } from './request.ts';

/** How patient to be with a host. */
export interface Patience {
  /** Tries altogether, the first included. */
  readonly attempts: number;
  /** Whether a request may be sent again that came to nothing on its way; true if absent. */
  readonly mayRepeat?: boolean;
  readonly signal: AbortSignal;
}

const baseDelayMs = 200;
const longestDelayMs = 5_000;
/** A host may ask for that much patience; for more the caller is told, who may have something better to do. */
const longestRetryAfterMs = 30_000;

const busy: ReadonlySet<number> = new Set([429, 503]);
const broken: ReadonlySet<number> = new Set([408, 500, 502, 504]);
const interrupted: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED']);

/**
 * Tries again what may go better the next time: a host that is busy (after as long as it asks for), one that stumbles,
 * a connection that was closed before the answer, as kept-alive ones are.
 */
export async function withPatience(
  { attempts, mayRepeat = true, signal }: Patience,
  attempt: () => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  for (let count = 1; ; count += 1) {
    const isLast = count >= attempts;
    let waitMs: number | undefined;
    try {
      const answer = await attempt();
      waitMs = isLast ? undefined : waitAfter(answer, count);
      if (waitMs === undefined) return answer;
      answer.body.discard();
    } catch (error) {
      // A kept-alive connection may have been closed just when it was to be used; once is nobody's fault.
      if (signal.aborted || !mayRepeat || !interrupted.has(codeOf(error) ?? '') || (isLast && count > 1)) throw error;
      waitMs = count === 1 ? 0 : backOffMs(count);
    }
    await delay(waitMs, undefined, { signal });
  }
}

function waitAfter({ status, headers }: HttpAnswer, count: number): number | undefined {
  if (busy.has(status)) {
    const askedMs = retryAfterMs(headers['retry-after'], Date.now());
    if (askedMs === undefined) return backOffMs(count);
    return askedMs <= longestRetryAfterMs ? askedMs : undefined;
  }
  return broken.has(status) ? backOffMs(count) : undefined;
}

/** How long to wait after so many tries. Doubles each time, with jitter so that those who failed together do not come back together. */
export function backOffMs(count: number): number {
  return Math.min(baseDelayMs * 2 ** (count - 1), longestDelayMs) * (0.5 + Math.random() / 2);
}

/** Reads `Retry-After`: seconds or a date. Undefined if it is neither. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

/** What a host that is too busy asks for, for its error's text. */
export function retryAdvice({ status, headers }: HttpAnswer): string {
  const askedMs = busy.has(status) ? retryAfterMs(headers['retry-after'], Date.now()) : undefined;
  return askedMs === undefined || askedMs <= longestRetryAfterMs
    ? ''
    : `, to be tried again in ${Math.ceil(askedMs / 1_000)} s`;
}
