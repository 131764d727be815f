// Generated from the .proto files by `npm run proto`; do not edit.

/** Version of the server. */
export interface VersionResponse {
  /** Release, such as v2.1.0. */
  version: string;
  /** Commit it was built from; may be empty. */
  revision: string;
}
