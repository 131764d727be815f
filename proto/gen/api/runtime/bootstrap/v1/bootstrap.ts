// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../../../google/protobuf/any.ts';

/**
 * How much to log: info is 0, less than zero is more talkative, more than zero more severe. Other
 * numbers are allowed.
 * - `LOG_LEVEL_INFO`: What an operator may want to know.
 * - `LOG_LEVEL_TRACE`: Every step.
 * - `LOG_LEVEL_DEBUG`: What helps to find a fault.
 * - `LOG_LEVEL_WARN`: Something is odd.
 * - `LOG_LEVEL_ERROR`: Something failed.
 * - `LOG_LEVEL_FATAL`: The process ends.
 * - `LOG_LEVEL_PANIC`: The process ends with a dump.
 */
export type LogLevel =
  | 'LOG_LEVEL_INFO'
  | 'LOG_LEVEL_TRACE'
  | 'LOG_LEVEL_DEBUG'
  | 'LOG_LEVEL_WARN'
  | 'LOG_LEVEL_ERROR'
  | 'LOG_LEVEL_FATAL'
  | 'LOG_LEVEL_PANIC';

/**
 * Optional abilities of a shim; none exist so far.
 * - `CAPABILITY_UNSPECIFIED`: Says nothing.
 */
export type Capability =
  | 'CAPABILITY_UNSPECIFIED';

/** Standard input of `start`. */
export interface BootstrapParams {
  /** Task or sandbox id, the same as the -id flag. */
  instanceId: string;
  /** The same as the -namespace flag. */
  namespace: string;
  logLevel: LogLevel;
  /** Version of the daemon that starts the shim. */
  containerdVersion: string;
  /** Socket for events. */
  containerdTtrpcAddress: string;
  /** Socket of the daemon's services. */
  containerdGrpcAddress: string;
  /** Program that can publish events by its `publish` command. */
  containerdBinary: string;
  /** Runtime options and whatever else the daemon passes on. */
  extensions: Extension[];
  /** Directory for the shim's sockets; absent for its default. */
  socketDir?: string | undefined;
}

/** One piece of further input. */
export interface Extension {
  /** Found by its message name. */
  value: google_protobuf_any.Any | null;
}

/** Standard output of `start`. */
export interface BootstrapResult {
  /** Version of the task API the shim speaks, 2 or 3. */
  version: number;
  /** Where it listens, such as unix:///run/containerd/s/…. */
  address: string;
  /** `ttrpc` or `grpc`. */
  protocol: string;
  capabilities: Capability[];
  metadata: Record<string, string>;
}
