import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorKind, GantryError } from '../../base/errors.ts';

export interface RetryLimits {
  /** Attempts in a row that may fail without having brought anything worth it. */
  readonly attempts: number;
  /** Before the second attempt; twice as long before each further one. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/** Failures that another attempt would meet again. */
const final: readonly ErrorKind[] = [
  ...(['invalid-argument', 'not-found', 'permission-denied', 'unauthenticated', 'failed-precondition'] as const),
  ...(['unimplemented', 'resource-exhausted', 'canceled', 'already-exists', 'out-of-range'] as const),
];

/**
 * Runs `attempt` until it succeeds, with pauses that grow while nothing comes of it, and differ, so that those who failed
 * together do not come back together.
 * @param attempt told whether it is the first, or what ended the one before it
 * @param progress bytes there are; one attempt has to bring `worthBytes` for the count to begin anew
 * @throws the last failure; the signal's reason
 */
export async function retrying<T>(
  limits: RetryLimits,
  work: {
    readonly attempt: (previous: unknown) => Promise<T>;
    readonly progress: () => number;
    readonly worthBytes: number;
  },
  { signal }: { readonly signal: AbortSignal },
): Promise<T> {
  let previous: unknown;
  for (let failed = 0; ; ) {
    const before = work.progress();
    try {
      return await work.attempt(previous);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof GantryError && final.includes(error.kind)) throw error;
      previous = error;
      failed = work.progress() - before >= work.worthBytes ? 1 : failed + 1;
      if (failed >= limits.attempts) throw error;
      const delayMs = Math.min(limits.maxDelayMs, limits.firstDelayMs * 2 ** (failed - 1));
      await pause(delayMs * (0.5 + Math.random() / 2), signal);
    }
  }
}

async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal });
  } catch {
    throw signal.reason;
  }
}
