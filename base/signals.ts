/**
 * Links a new AbortController to signals. Unlike `AbortSignal.any`, disposing it removes its listeners, so long-lived
 * signals do not keep every short call alive.
 */
export function linkedController(...sources: (AbortSignal | undefined)[]): AbortController & Disposable {
  const controller = new AbortController();
  const links: { source: AbortSignal; listener: () => void }[] = [];
  const dispose = () => {
    for (const { source, listener } of links.splice(0)) source.removeEventListener('abort', listener);
  };
  for (const source of sources) {
    if (source === undefined) continue;
    if (source.aborted) {
      controller.abort(source.reason);
      break;
    }
    const listener = () => controller.abort(source.reason);
    source.addEventListener('abort', listener, { once: true });
    links.push({ source, listener });
  }
  return Object.assign(controller, { [Symbol.dispose]: dispose });
}

/** Rejects with the signal's reason as soon as it aborts; otherwise settles as `work` does. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
