// Generated from the .proto files by `npm run proto`; do not edit.

/** Nothing to say. */
export type MeasureLoopRequest = Record<string, never>;

/** By how much a timer that is due once a millisecond came late. */
export interface MeasureLoopResponse {
  /** The longest time that the loop was blocked. */
  longestNs: number;
  /** What 99 of 100 did not exceed. */
  percentile99Ns: number;
  /** How often the timer fired. */
  samples: number;
}
