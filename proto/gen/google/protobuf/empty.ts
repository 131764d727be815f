// Generated from the .proto files by `npm run proto`; do not edit.

/** Takes the place of a request or an answer that has nothing to say. */
export type Empty = Record<string, never>;
