// Generated from the .proto files by `npm run proto`; do not edit.

/** A blob was committed. */
export interface ContentCreate {
  digest: string;
  /** Length in bytes. */
  size: number;
  mediaType: string;
}

/** A blob was dropped. */
export interface ContentDelete {
  digest: string;
}
