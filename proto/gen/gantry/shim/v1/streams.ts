// Generated from the .proto files by `npm run proto`; do not edit.

/** Names a process. */
export interface StreamsRequest {
  containerId: string;
  /** Empty for the first process. */
  execId: string;
}

/** Since the log was opened; nothing where the process has no log of the shim's. */
export interface StatResponse {
  /** Path of the log. */
  logPath: string;
  /** Bytes that the process wrote. */
  readBytes: number;
  /** Bytes in the log, and bytes that could not be written to it, as records. */
  loggedBytes: number;
  lostBytes: number;
  /** How often writing, rotating or reopening failed, and why it last did. */
  errors: number;
  lastError: string;
  /** Path of the attach socket, and clients that are there now. */
  attachPath: string;
  attached: number;
}
