// Generated from the .proto files by `npm run proto`; do not edit.

/** First message of a stream. */
export interface StreamInit {
  /** Name by which other calls find it, unique in its namespace. */
  id: string;
}
