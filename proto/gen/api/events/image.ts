// Generated from the .proto files by `npm run proto`; do not edit.

export interface ImageCreate {
  name: string;
  labels: Record<string, string>;
}

export interface ImageUpdate {
  name: string;
  labels: Record<string, string>;
}

export interface ImageDelete {
  name: string;
}
