// Generated from the .proto files by `npm run proto`; do not edit.

export interface ContentCreate {
  digest: string;
  size: number;
  mediaType: string;
}

export interface ContentDelete {
  digest: string;
}
