// Generated from the .proto files by `npm run proto`; do not edit.

export interface Data {
  data: Buffer;
}

export interface WindowUpdate {
  update: number;
}

export interface ReadStream {
  stream: string;
  mediaType: string;
}

export interface WriteStream {
  stream: string;
  mediaType: string;
}
