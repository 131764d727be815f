// Generated from the .proto files by `npm run proto`; do not edit.

/** What to set. */
export interface SetFailpointRequest {
  /** One of the names that List answers. */
  name: string;
  /** Such as `2*off->crash`; `off` for none. */
  terms: string;
}

/** Nothing but that it is done. */
export type SetFailpointResponse = Record<string, never>;

/** Nothing to say. */
export type ListFailpointsRequest = Record<string, never>;

/** All failpoints. */
export interface ListFailpointsResponse {
  failpoints: Failpoint[];
}

/** One failpoint. */
export interface Failpoint {
  name: string;
  /** As they were set. */
  terms: string;
  /** How often it has been passed since the daemon started. */
  passes: number;
}
