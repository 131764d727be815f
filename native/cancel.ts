import type { CancelWord } from './binding.ts';
import { native } from './errno.ts';

/**
 * Runs a cancellable call of the addon. When `signal` aborts, the call is told to stop, and once it has, the promise is
 * rejected with the signal's reason: nothing of it still runs by then.
 */
export async function cancellable<T>(
  signal: AbortSignal | undefined,
  call: (cancel: CancelWord) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const word = new Int32Array(1);
  const onAbort = () => {
    Atomics.store(word, 0, 1);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await native(() => call(word));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
