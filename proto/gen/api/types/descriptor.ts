// Generated from the .proto files by `npm run proto`; do not edit.

export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations: Record<string, string>;
}
