/** The parts of a key. No part contains a zero byte. */
export type Key = readonly string[];

/** One change of a batch; a null value deletes. */
export interface KeyValueChange {
  readonly key: Key;
  readonly value: Buffer | null;
}

export interface KeyValueEntry {
  readonly key: Key;
  readonly value: Buffer;
}

/**
 * Where a snapshotter keeps its records; the host supplies it, so that they share the host's database. Writes become
 * visible at once. Whether they are durable is the host's business: in the daemon they are, at the latest, when the
 * metadata that refers to them is.
 */
export interface KeyValue {
  get(key: Key): Promise<Buffer | undefined>;

  /** The entries whose key starts with these parts, in byte order of the key, as they were at the time of the call. */
  list(prefix: Key): AsyncIterable<KeyValueEntry>;

  /** Applies all changes or none. */
  write(changes: readonly KeyValueChange[]): Promise<void>;
}

/** A KeyValue that lives and dies with the process. */
export class MemoryKeyValue implements KeyValue {
  readonly #entries = new Map<string, KeyValueEntry>();

  async get(key: Key): Promise<Buffer | undefined> {
    return this.#entries.get(key.join('\0'))?.value;
  }

  async *list(prefix: Key): AsyncIterable<KeyValueEntry> {
    const start = `${prefix.join('\0')}\0`;
    const found = [...this.#entries].filter(([path]) => path.startsWith(start));
    found.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const [, entry] of found) yield entry;
  }

  async write(changes: readonly KeyValueChange[]): Promise<void> {
    for (const { key, value } of changes) {
      if (value === null) this.#entries.delete(key.join('\0'));
      else this.#entries.set(key.join('\0'), { key, value });
    }
  }
}
