/** Lets at most so many tasks run at once; the others wait their turn in the order they came. */
export class Limiter {
  readonly #waiting = new Set<() => void>();
  #free: number;

  /** @param limit at least 1 */
  constructor(limit: number) {
    this.#free = limit;
  }

  /** Rejects with the signal's reason if that comes before the turn does; a task under way has to look at it itself. */
  async run<T>(task: () => Promise<T>, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<T> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn(signal);
    try {
      return await task();
    } finally {
      this.#passOn();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = () => {
        this.#waiting.delete(start);
        signal?.removeEventListener('abort', refuse);
        resolve();
      };
      const refuse = () => {
        this.#waiting.delete(start);
        reject(signal?.reason);
      };
      this.#waiting.add(start);
      signal?.addEventListener('abort', refuse, { once: true });
    });
  }

  #passOn(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free += 1;
    else next();
  }
}
