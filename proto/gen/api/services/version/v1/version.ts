// Generated from the .proto files by `npm run proto`; do not edit.

export interface VersionResponse {
  version: string;
  revision: string;
}
