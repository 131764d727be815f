import { KeyedMutex } from '../../base/mutex.ts';

/** Which blobs somebody relies on before the metadata says so, and who is publishing or deleting which one. */
export class BlobHolds {
  /** Held, per digest, while its blob appears or disappears. */
  readonly #publishing = new KeyedMutex();
  readonly #holds = new Map<string, number>();

  /** Keeps `deleteUnused` from a blob, there or not, until the returned function is called. */
  hold(digest: string): Promise<() => void> {
    // Behind a deletion under way, so that what is held is either there to stay or known to be gone.
    return this.#publishing.run(digest, async () => {
      this.#holds.set(digest, (this.#holds.get(digest) ?? 0) + 1);
      let held = true;
      return () => {
        if (held) this.#letGo(digest);
        held = false;
      };
    });
  }

  /** Runs what makes a blob appear when nobody is deleting it. */
  publish<T>(digest: string, body: () => Promise<T>): Promise<T> {
    return this.#publishing.run(digest, body);
  }

  /**
   * Has blobs deleted, but for those that are held or used, which is asked when nobody else can publish them. Resolves
   * with the number of those that `remove` was given.
   */
  deleteUnused(
    digests: readonly string[],
    isUsed: (digest: string) => boolean,
    remove: (digests: readonly string[]) => Promise<void>,
  ): Promise<number> {
    return this.#publishing.runAll(digests, async () => {
      const unused = digests.filter((digest) => !this.#holds.has(digest) && !isUsed(digest));
      await remove(unused);
      return unused.length;
    });
  }

  #letGo(digest: string): void {
    const others = (this.#holds.get(digest) ?? 1) - 1;
    if (others > 0) this.#holds.set(digest, others);
    else this.#holds.delete(digest);
  }
}
