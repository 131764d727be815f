// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_timestamp from '../../../google/protobuf/timestamp.ts';

/**
 * How much of the HTTP traffic to log.
 * - `DISABLED`: Nothing.
 * - `DEBUG`: Requests as text.
 * - `TRACE`: Connection events.
 * - `BOTH`: Both of them.
 */
export type HTTPDebug =
  | 'DISABLED'
  | 'DEBUG'
  | 'TRACE'
  | 'BOTH';

/**
 * Kind of secret in an answer.
 * - `NONE`: No secret: go on without.
 * - `CREDENTIALS`: User name and password.
 * - `REFRESH`: Token to exchange for others.
 * - `HEADER`: Value of the Authorization header.
 */
export type AuthType =
  | 'NONE'
  | 'CREDENTIALS'
  | 'REFRESH'
  | 'HEADER';

/** An image in a registry. */
export interface OCIRegistry {
  /** Full reference with host, repository and tag or digest. */
  reference: string;
  resolver: RegistryResolver | null;
}

/** How to talk to the registry. */
export interface RegistryResolver {
  /** Id of a stream on which the server asks for secrets; empty goes without. */
  authStream: string;
  /** Further HTTP headers. */
  headers: Record<string, string>;
  /** Directory with hosts.toml files; empty for the server's own. */
  hostDir: string;
  /** http or https, where hosts.toml says nothing; empty means https. */
  defaultScheme: string;
  /** What to log. */
  httpDebug: HTTPDebug;
  /** Id of a stream that takes the log; empty for the server's log. */
  logsStream: string;
}

/** The server asks for a secret. */
export interface AuthRequest {
  /** Registry that wants it. */
  host: string;
  /** Image that is being moved. */
  reference: string;
  /** WWW-Authenticate headers of the registry. */
  wwwauthenticate: string[];
}

/** The client's answer. */
export interface AuthResponse {
  authType: AuthType;
  /** Password, token or header value. */
  secret: string;
  /** Only with CREDENTIALS. */
  username: string;
  /** End of its validity; absent when not known. */
  expireAt: google_protobuf_timestamp.Timestamp | null;
}
