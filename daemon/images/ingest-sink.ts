import type { Arrival } from '../content/arrivals.ts';
import type { ContentWriter } from '../content/content.ts';

/** What is written at once: each write is a job for another thread. */
const blockBytes = 1024 * 1024;
/** From a slow host what there is is written after that long, so that little is lost with the daemon. */
const flushMs = 1_000;

/** Collects the small chunks of a network in blocks, of which one is written while the next one fills. */
export class IngestSink {
  readonly #writer: ContentWriter;
  readonly #arrival: Arrival;
  readonly #blockBytes: number;
  #block: Buffer | undefined;
  #spare: Buffer | undefined;
  #filled = 0;
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #flushedAt = performance.now();
  #offset: number;

  /** @param sizeBytes of the whole blob */
  constructor(writer: ContentWriter, arrival: Arrival, sizeBytes: number) {
    this.#blockBytes = Math.min(blockBytes, sizeBytes);
    this.#writer = writer;
    this.#arrival = arrival;
    this.#offset = writer.status().offset;
    arrival.grew(this.#offset, writer.dataPath);
  }

  /** Where the next bytes go: what has been given, written or not. */
  get offset(): number {
    return this.#offset;
  }

  /** Takes a copy. A promise if it has to be waited for. */
  push(chunk: Buffer): Promise<void> | undefined {
    const free = this.#blockBytes - this.#filled;
    if (chunk.length >= free) return this.#pushThrough(chunk);
    chunk.copy(this.#openBlock(), this.#filled);
    this.#filled += chunk.length;
    this.#offset += chunk.length;
    return performance.now() - this.#flushedAt > flushMs ? this.#flush() : undefined;
  }

  /** Resolves when everything is written. */
  async drain(): Promise<void> {
    await this.#flush();
    await this.#writing;
    this.#check();
  }

  /** Starts over. */
  async truncate(): Promise<void> {
    await this.drain();
    await this.#writer.truncate();
    this.#offset = 0;
  }

  async #pushThrough(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      const count = chunk.copy(this.#openBlock(), this.#filled, at);
      at += count;
      this.#filled += count;
      this.#offset += count;
      if (this.#filled === this.#blockBytes) await this.#flush();
    }
  }

  /** Resolves when there is a block to fill. */
  async #flush(): Promise<void> {
    await this.#writing;
    this.#check();
    this.#flushedAt = performance.now();
    const full = this.#block;
    if (full === undefined || this.#filled === 0) return;
    const bytes = full.subarray(0, this.#filled);
    this.#block = undefined;
    this.#filled = 0;
    this.#writing = this.#write(bytes).finally(() => {
      this.#spare = full;
    });
  }

  #openBlock(): Buffer {
    this.#block ??= this.#spare ?? Buffer.allocUnsafeSlow(this.#blockBytes);
    if (this.#block === this.#spare) this.#spare = undefined;
    return this.#block;
  }

  async #write(bytes: Buffer): Promise<void> {
    try {
      await this.#writer.write(bytes);
      this.#arrival.grew(this.#writer.status().offset, this.#writer.dataPath);
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
