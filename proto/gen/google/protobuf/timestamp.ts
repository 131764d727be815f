// Generated from the .proto files by `npm run proto`; do not edit.

/** A point in time, UTC, to the nanosecond. */
export interface Timestamp {
  /** Whole seconds since 1970-01-01T00:00:00Z; negative before it. */
  seconds: number;
  /** Nanoseconds to add to the seconds, 0 to 999999999 also for times before 1970. */
  nanos: number;
}
