// Generated from the .proto files by `npm run proto`; do not edit.

/** The fields an update is meant to touch. */
export interface FieldMask {
  /** Dotted field paths such as `labels.color`; empty means the default set of the RPC at hand. */
  paths: string[];
}
