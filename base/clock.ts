/** Time as the code sees it, so that tests can own it. */
export interface Clock {
  /** Nanoseconds since the epoch. */
  now(): bigint;
}

const monotonicOriginNs = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
let lastNs = 0n;

/** The machine's clock: wall time in milliseconds, refined by the monotonic clock so that no two readings are equal. */
export const systemClock: Clock = {
  now() {
    const wallNs = BigInt(Date.now()) * 1_000_000n;
    const fineNs = monotonicOriginNs + process.hrtime.bigint();
    // A stepped wall clock wins over the refined one.
    const driftNs = fineNs > wallNs ? fineNs - wallNs : wallNs - fineNs;
    const nowNs = driftNs < 2_000_000n ? fineNs : wallNs;
    lastNs = nowNs > lastNs || lastNs - nowNs > 2_000_000n ? nowNs : lastNs + 1n;
    return lastNs;
  },
};
