// Generated from the .proto files by `npm run proto`; do not edit.

import type * as google_protobuf_timestamp from '../../google/protobuf/timestamp.ts';

export interface Mount {
  type: string;
  source: string;
  target: string;
  options: string[];
}

export interface ActiveMount {
  mount: Mount | null;
  mountedAt: google_protobuf_timestamp.Timestamp | null;
  mountPoint: string;
  data: Record<string, string>;
}

export interface ActivationInfo {
  name: string;
  active: ActiveMount[];
  system: Mount[];
  labels: Record<string, string>;
}
