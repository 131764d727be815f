/** Who asks and on whose behalf: the first parameter of every service method. */
export interface Context {
  /** The containerd namespace the call works in; validated. */
  readonly namespace: string;
  /** The lease that what this call creates joins, if the caller named one. */
  readonly leaseId?: string | undefined;
  /** When the caller stops waiting, in milliseconds since the epoch; undefined if it never does. */
  readonly deadlineAtMs?: number | undefined;
  /** Aborts when the caller goes away or its deadline passes. */
  readonly signal: AbortSignal;
}
