// Generated from the .proto files by `npm run proto`; do not edit.

/** A name was stored. */
export interface ImageCreate {
  name: string;
  labels: Record<string, string>;
}

/** A name was changed. */
export interface ImageUpdate {
  name: string;
  /** All labels after the change. */
  labels: Record<string, string>;
}

/** A name was forgotten. */
export interface ImageDelete {
  name: string;
}
