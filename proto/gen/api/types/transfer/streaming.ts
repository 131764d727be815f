// Generated from the .proto files by `npm run proto`; do not edit.

/** A piece of a byte stream, 32 KiB at most. */
export interface Data {
  data: Buffer;
}

/** Lets the other side send more. */
export interface WindowUpdate {
  /** Further bytes it may send; adds to what is left. */
  update: number;
}

/** A stream to read from. */
export interface ReadStream {
  /** Id of the stream. */
  stream: string;
  mediaType: string;
}

/** A stream to write to. */
export interface WriteStream {
  /** Id of the stream. */
  stream: string;
  mediaType: string;
}
