// Generated from the .proto files by `npm run proto`; do not edit.

/** Names the service asked about. */
export interface HealthCheckRequest {
  /** Full service name; empty asks about the server as a whole. */
  service: string;
}

/** The state of one service. */
export interface HealthCheckResponse {
  status: HealthCheckResponse_ServingStatus;
}

/**
 * What a caller may expect of a service right now.
 * - `SERVICE_UNKNOWN`: Sent by Watch only.
 */
export type HealthCheckResponse_ServingStatus =
  | 'UNKNOWN'
  | 'SERVING'
  | 'NOT_SERVING'
  | 'SERVICE_UNKNOWN';

/** Asks for all services. */
export type HealthListRequest = Record<string, never>;

/** Every service with its state. */
export interface HealthListResponse {
  /** Keyed by full service name; the empty key is the server as a whole. */
  statuses: Record<string, HealthCheckResponse>;
}
