import type { ContentReader } from './content.ts';
import { BlobReader } from './reader.ts';

/** How long a blob that nobody reads stays open: the next of a sequence of ranged reads comes within milliseconds. */
const idleMs = 1_000;
/** Blobs that stay open though nobody reads them, each with at most a mebibyte of what may be read next. */
const idleCapacity = 16;

interface Entry {
  readonly reader: BlobReader;
  users: number;
  timer: NodeJS.Timeout | undefined;
}

/** Blobs that have just been read, still open: to read one range by range opens it once. */
export class RecentBlobs {
  /** By path, the longest unused first. */
  readonly #entries = new Map<string, Entry>();

  async open(path: string): Promise<ContentReader> {
    const known = this.#entries.get(path);
    if (known !== undefined) return this.#lend(path, known);
    const reader = await BlobReader.open(path);
    // Somebody else may have opened it meanwhile.
    const entry = this.#entries.get(path) ?? { reader, users: 0, timer: undefined };
    if (entry.reader !== reader) await reader.close();
    return this.#lend(path, entry);
  }

  /** Lets go of a blob whose file is deleted, as soon as those who are reading it are done. */
  forget(path: string): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    clearTimeout(entry.timer);
    if (entry.users === 0) closeQuietly(entry.reader);
  }

  #lend(path: string, entry: Entry): ContentReader {
    clearTimeout(entry.timer);
    entry.users++;
    this.#entries.delete(path);
    this.#entries.set(path, entry);
    let open = true;
    const close = async () => {
      if (!open) return;
      open = false;
      this.#giveBack(path, entry);
    };
    const { reader } = entry;
    return {
      sizeBytes: reader.sizeBytes,
      chunks: (offset, length) => reader.chunks(offset, length),
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  #giveBack(path: string, entry: Entry): void {
    entry.users--;
    if (entry.users > 0) return;
    if (this.#entries.get(path) !== entry) {
      closeQuietly(entry.reader);
      return;
    }
    entry.timer = setTimeout(() => this.forget(path), idleMs).unref();
    const idle = [...this.#entries].filter(([, { users }]) => users === 0);
    for (const [oldest] of idle.slice(0, -idleCapacity)) this.forget(oldest);
  }
}

/** Closing what was only read cannot lose any of it. */
function closeQuietly(reader: BlobReader): void {
  reader.close().catch(() => undefined);
}
