// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_any from '../../google/protobuf/any.ts';
import type * as google_protobuf_timestamp from '../../google/protobuf/timestamp.ts';

/** Use of resources of one task or sandbox at one time. */
export interface Metric {
  timestamp: google_protobuf_timestamp.Timestamp | null;
  /** Id of the container or sandbox. */
  id: string;
  /** Measurements in the runtime's own form, such as io.containerd.cgroups.v2.Metrics. */
  data: google_protobuf_any.Any | null;
}
