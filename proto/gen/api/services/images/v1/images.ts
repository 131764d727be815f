// Generated from the .proto files by `npm run proto`; do not edit.

import type * as api_types_descriptor from '../../../types/descriptor.ts';
import type * as google_protobuf_field_mask from '../../../../google/protobuf/field_mask.ts';
import type * as google_protobuf_timestamp from '../../../../google/protobuf/timestamp.ts';

/** A name and what it points to. */
export interface Image {
  /** Any text, by convention a reference such as docker.io/library/busybox:latest. */
  name: string;
  /** Free notes; those below containerd.io/gc. steer garbage collection. */
  labels: Record<string, string>;
  /** Root of the image, an index or a manifest. */
  target: api_types_descriptor.Descriptor | null;
  /** Set by the server. */
  createdAt: google_protobuf_timestamp.Timestamp | null;
  /** Set by the server at every change. */
  updatedAt: google_protobuf_timestamp.Timestamp | null;
}

/** Names one image. */
export interface GetImageRequest {
  name: string;
}

/** The image asked for. */
export interface GetImageResponse {
  image: Image | null;
}

/** Carries a new image. */
export interface CreateImageRequest {
  /** Needs name and target; its times are ignored. */
  image: Image | null;
  /** Time to store instead of the current one, for reproducible builds. */
  sourceDateEpoch: google_protobuf_timestamp.Timestamp | null;
}

/** The image as stored. */
export interface CreateImageResponse {
  image: Image | null;
}

/** Carries changed fields. */
export interface UpdateImageRequest {
  /** Names the image and holds the new values. */
  image: Image | null;
  /** Fields to change; empty replaces the whole record. */
  updateMask: google_protobuf_field_mask.FieldMask | null;
  /** Time to store instead of the current one, for reproducible builds. */
  sourceDateEpoch: google_protobuf_timestamp.Timestamp | null;
}

/** The whole image after the change. */
export interface UpdateImageResponse {
  image: Image | null;
}

/** Selects images. */
export interface ListImagesRequest {
  /** An image is listed when any of them matches; none lists all. */
  filters: string[];
}

/** The images found, in order of their names. */
export interface ListImagesResponse {
  images: Image[];
}

/** Names the image to forget. */
export interface DeleteImageRequest {
  name: string;
  /** Answer only after a garbage collection. */
  sync: boolean;
  /** Delete only if the image still points to this digest; NOT_FOUND otherwise. */
  target?: api_types_descriptor.Descriptor | undefined;
}
