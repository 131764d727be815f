/** How long the daemon waits for shims; each bound stands for itself, so a stuck shim delays nothing but its own task. */
export interface Timeouts {
  /** The `start` command. */
  readonly startMs: number;
  /** Connecting to a shim that is said to be there. */
  readonly dialMs: number;
  /** All that is asked of one shim when the daemon starts. */
  readonly loadMs: number;
  /** The `delete` command, and each request of a clean-up. */
  readonly cleanupMs: number;
  /** A shim's answer to Shutdown. */
  readonly shutdownMs: number;
  /** The state or metrics of one task. */
  readonly stateMs: number;
  /** For a shim to repeat an event that it could not deliver while the daemon was down. */
  readonly resendMs: number;
  /** For subscribers of the daemon's earlier life to subscribe again: containerd's clients try every three seconds. */
  readonly returnMs: number;
}

/** containerd's, except that it waits for `start` as long as the client does and 100 s for a connection. */
export const defaultTimeouts: Timeouts = {
  startMs: 30_000,
  dialMs: 5_000,
  loadMs: 5_000,
  cleanupMs: 5_000,
  shutdownMs: 3_000,
  stateMs: 2_000,
  resendMs: 10_000,
  returnMs: 10_000,
};
