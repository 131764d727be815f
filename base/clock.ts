/** Time as the code sees it, so that tests can own it. */
export interface Clock {
  /** Nanoseconds since the epoch. */
  now(): bigint;
}

/** The machine's wall clock, to the millisecond: it follows a stepped clock, which a monotonic one would not. */
export const systemClock: Clock = {
  now: () => BigInt(Date.now()) * 1_000_000n,
};
