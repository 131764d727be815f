interface Sample {
  readonly atMs: number;
  bytes: number;
}

/** Time over which a rate is taken: long enough to be steady, short enough to follow what happens. */
const windowMs = 5_000;
const sampleMs = 250;
/** Sooner than this, a rate is a guess. */
const leastMs = 500;

/** Bytes per second of late. */
export class Rate {
  readonly #samples: Sample[] = [];
  #startMs: number | undefined;

  add(bytes: number, nowMs: number): void {
    this.#startMs ??= nowMs;
    const last = this.#samples.at(-1);
    if (last !== undefined && nowMs - last.atMs < sampleMs) last.bytes += bytes;
    else this.#samples.push({ atMs: nowMs, bytes });
    this.#forget(nowMs);
  }

  /** Undefined before there is anything to go by, and when nothing has come for a while. */
  bytesPerSecond(nowMs: number): number | undefined {
    this.#forget(nowMs);
    const spanMs = Math.min(windowMs, nowMs - (this.#startMs ?? nowMs));
    const bytes = this.#samples.reduce((sum, sample) => sum + sample.bytes, 0);
    return spanMs < leastMs || bytes <= 0 ? undefined : (bytes * 1000) / spanMs;
  }

  #forget(nowMs: number): void {
    while (nowMs - (this.#samples[0]?.atMs ?? nowMs) > windowMs) this.#samples.shift();
  }
}
