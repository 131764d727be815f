// Generated from the .proto files by `npm run proto`; do not edit.

/** Names a blob and says what it is. */
export interface Descriptor {
  /** How to read the blob. */
  mediaType: string;
  /** Algorithm and hex hash, such as sha256:…. */
  digest: string;
  /** Length in bytes. */
  size: number;
  /** Notes that travel with the pointer. */
  annotations: Record<string, string>;
}
