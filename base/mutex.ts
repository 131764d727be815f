/** Runs tasks one after another, in the order they were asked for. */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}

/** A mutex per key; keys that nobody holds or waits for take no memory. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<unknown>>();

  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    return this.runAll([key], task);
  }

  /** Holds many keys at once. Turns are taken for all of them in one step, so that no two callers wait for each other. */
  runAll<T>(keys: readonly string[], task: () => Promise<T>): Promise<T> {
    const result = Promise.all(keys.map((key) => this.#tails.get(key))).then(task);
    const tail = result
      .catch(() => undefined)
      .then(() => {
        for (const key of keys) if (this.#tails.get(key) === tail) this.#tails.delete(key);
      });
    for (const key of keys) this.#tails.set(key, tail);
    return result;
  }

  /** Number of keys held or waited for. */
  get size(): number {
    return this.#tails.size;
  }
}
