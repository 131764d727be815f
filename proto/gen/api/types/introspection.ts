// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../google/protobuf/any.ts';

/** Asks for a runtime's properties. */
export interface RuntimeRequest {
  /** Runtime name or path of its shim; empty for the default. */
  runtimePath: string;
  /** Options under which to look; absent means the runtime's defaults. */
  options: google_protobuf_any.Any | null;
}

/** A version of a runtime or shim. */
export interface RuntimeVersion {
  version: string;
  /** Commit it was built from. */
  revision: string;
}

/** Properties of a runtime. */
export interface RuntimeInfo {
  /** Runtime name. */
  name: string;
  version: RuntimeVersion | null;
  /** Options as the shim understood them. */
  options: google_protobuf_any.Any | null;
  /** OCI runtime features document, as JSON. */
  features: google_protobuf_any.Any | null;
  /** Further facts, such as mount types the shim handles itself. */
  annotations: Record<string, string>;
}
