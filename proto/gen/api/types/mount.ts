// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_timestamp from '../../google/protobuf/timestamp.ts';

/** One mount to make. */
export interface Mount {
  /** Filesystem type, such as overlay or bind. */
  type: string;
  /** Device or directory. */
  source: string;
  /** Where to mount, relative to the mount point at hand; empty for that itself. */
  target: string;
  /** As mount(8) takes them, such as `ro` or `lowerdir=…`. */
  options: string[];
}

/** A mount that the server has made. */
export interface ActiveMount {
  mount: Mount | null;
  mountedAt: google_protobuf_timestamp.Timestamp | null;
  /** Where it is on the host. */
  mountPoint: string;
  /** Notes of the handler that made it. */
  data: Record<string, string>;
}

/** A set of mounts under one name. */
export interface ActivationInfo {
  name: string;
  /** Mounts the server has made. */
  active: ActiveMount[];
  /** Mounts the caller still has to make, on top of those. */
  system: Mount[];
  labels: Record<string, string>;
}
