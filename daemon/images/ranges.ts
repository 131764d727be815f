import { GantryError } from '../../base/errors.ts';
import { linkedController } from '../../base/signals.ts';
import type { RemoteBlob } from '../../registry/repository.ts';

/** What a request for a part brings into memory before it is its turn. */
export const partBytes = 4 * 1024 * 1024;
/** Parts of one blob that are asked for at once. */
const width = 4;

/** How many parts may wait in memory, all downloads together. */
export class PartBudget {
  #free: number;

  constructor(parts: number) {
    this.#free = parts;
  }

  take(): boolean {
    if (this.#free === 0) return false;
    this.#free -= 1;
    return true;
  }

  give(): void {
    this.#free += 1;
  }
}

export interface Parts {
  readonly from: number;
  readonly end: number;
  readonly budget: PartBudget;
  readonly open: (offset: number, length: number, signal: AbortSignal) => Promise<RemoteBlob>;
}

/**
 * The bytes of a blob in order, asked for in several requests at once: the first of them streams, those after it are kept
 * in memory until it is their turn. All have ended when the loop over it has.
 */
export async function* inParts(
  { from, end, budget, open }: Parts,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<Buffer> {
  using controller = linkedController(signal);
  const parts: Part[] = [];
  let next = from;
  const ask = () => {
    while (next < end && parts.length < width && (parts.length === 0 || budget.take())) {
      const range = { offset: next, length: Math.min(partBytes, end - next) };
      parts.push(new Part(range, { open, signal: controller.signal, budget: parts.length === 0 ? undefined : budget }));
      next += range.length;
    }
  };
  try {
    for (ask(); parts.length > 0; ask()) {
      yield* (parts[0] as Part).chunks();
      await parts.shift()?.close();
    }
  } finally {
    controller.abort(new GantryError('canceled', 'the other parts are not wanted any more'));
    await Promise.all(parts.map((part) => part.close()));
  }
}

interface PartRange {
  readonly offset: number;
  readonly length: number;
}

interface PartSource {
  readonly open: Parts['open'];
  readonly signal: AbortSignal;
  /** What it was taken from; undefined for the first part. */
  readonly budget: PartBudget | undefined;
}

/** One request, read as fast as it comes. */
class Part {
  readonly #range: PartRange;
  readonly #source: PartSource;
  readonly #ended: Promise<void>;
  #chunks: Buffer[] = [];
  #wake = Promise.withResolvers<void>();
  #isDone = false;
  #failure: { readonly error: unknown } | undefined;
  #isClosed = false;

  constructor(range: PartRange, source: PartSource) {
    this.#range = range;
    this.#source = source;
    this.#ended = this.#read()
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#isDone = true;
        this.#wake.resolve();
      });
  }

  async *chunks(): AsyncGenerator<Buffer> {
    for (;;) {
      const chunks = this.#chunks;
      this.#chunks = [];
      yield* chunks;
      if (this.#chunks.length > 0) continue;
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#isDone) return;
      await this.#wake.promise;
    }
  }

  async close(): Promise<void> {
    await this.#ended;
    if (!this.#isClosed) this.#source.budget?.give();
    this.#isClosed = true;
    this.#chunks = [];
  }

  async #read(): Promise<void> {
    const { offset, length } = this.#range;
    const { open, signal } = this.#source;
    await using remote = await open(offset, length, signal);
    // A body need not notice.
    signal.addEventListener('abort', () => void remote.close(), { once: true });
    if (remote.offset !== offset) throw new GantryError('unavailable', `${remote.host} ignores ranges`);
    let left = length;
    for await (const chunk of remote.body) {
      left -= chunk.length;
      if (left < 0) throw new GantryError('unavailable', `${remote.host} sends more than the range that was asked for`);
      this.#chunks.push(chunk);
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    }
    if (left > 0) throw new GantryError('unavailable', `${remote.host} ended ${left} bytes before the end of a range`);
  }
}
