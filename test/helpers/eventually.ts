import { setTimeout as delay } from 'node:timers/promises';

/** How long `eventually` asks before it gives up, unless told otherwise. */
export const defaultDeadlineMs = 10_000;

/** How `eventually` waits. */
export interface EventuallyOptions {
  /** Time after which the last failure is thrown. */
  readonly deadlineMs?: number;
  /** Pause between two tries. */
  readonly intervalMs?: number;
}

/**
 * Asks again until `probe` returns without throwing, and returns what it returned: the only way a test waits for
 * something it is not told about. After the deadline the last error is thrown, so a failing expectation keeps its text.
 */
export async function eventually<T>(probe: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const deadlineAtMs = Date.now() + (options.deadlineMs ?? defaultDeadlineMs);
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (Date.now() >= deadlineAtMs) throw error;
    }
    await delay(options.intervalMs ?? 20);
  }
}
