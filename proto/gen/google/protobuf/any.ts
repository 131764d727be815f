// Generated from the .proto files by `npm run proto`; do not edit.

/**
 * Gantry writes the bare full message name as type_url and accepts a name behind any `prefix/` when
 * reading; see any.ts for names whose value is JSON.
 */
export interface Any {
  /** Name that tells how to read the value; empty means there is no value. */
  typeUrl: string;
  /** The serialized message, or JSON text for the registered JSON names. */
  value: Buffer;
}
