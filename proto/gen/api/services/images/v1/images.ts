// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_descriptor from '../../../types/descriptor.ts';
import type * as google_protobuf_field_mask from '../../../../google/protobuf/field_mask.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

export interface Image {
  name: string;
  labels: Record<string, string>;
  target: api_types_descriptor.Descriptor | null;
  createdAt: google_protobuf_timestamp.Timestamp | null;
  updatedAt: google_protobuf_timestamp.Timestamp | null;
}

export interface GetImageRequest {
  name: string;
}

export interface GetImageResponse {
  image: Image | null;
}

export interface CreateImageRequest {
  image: Image | null;
  sourceDateEpoch: google_protobuf_timestamp.Timestamp | null;
}

export interface CreateImageResponse {
  image: Image | null;
}

export interface UpdateImageRequest {
  image: Image | null;
  updateMask: google_protobuf_field_mask.FieldMask | null;
  sourceDateEpoch: google_protobuf_timestamp.Timestamp | null;
}

export interface UpdateImageResponse {
  image: Image | null;
}

export interface ListImagesRequest {
  filters: string[];
}

export interface ListImagesResponse {
  images: Image[];
}

export interface DeleteImageRequest {
  name: string;
  sync: boolean;
  target?: api_types_descriptor.Descriptor | undefined;
}
