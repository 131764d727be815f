// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_timestamp from '../../../google/protobuf/timestamp.ts';

export type HTTPDebug =
  | 'DISABLED'
  | 'DEBUG'
  | 'TRACE'
  | 'BOTH';

export type AuthType =
  | 'NONE'
  | 'CREDENTIALS'
  | 'REFRESH'
  | 'HEADER';

export interface OCIRegistry {
  reference: string;
  resolver: RegistryResolver | null;
}

export interface RegistryResolver {
  authStream: string;
  headers: Record<string, string>;
  hostDir: string;
  defaultScheme: string;
  httpDebug: HTTPDebug;
  logsStream: string;
}

export interface AuthRequest {
  host: string;
  reference: string;
  wwwauthenticate: string[];
}

export interface AuthResponse {
  authType: AuthType;
  secret: string;
  username: string;
  expireAt: google_protobuf_timestamp.Timestamp | null;
}
