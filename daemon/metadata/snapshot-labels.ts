import { nsFromTimestamp } from '../../proto/timestamp.ts';
import type { Labels, SnapshotInfo } from '../../snapshotter/snapshotter.ts';
import type { SnapshotRecord } from './schema.ts';

/** Names the layer a snapshot is going to become, so that a snapshotter which has it already can say so. */
export const targetLabel = 'containerd.io/snapshot.ref';
/** Labels that the snapshotter itself gets to see: this family and the target. */
const inheritedPrefix = 'containerd.io/snapshot/';

/** What a namespace sees of a snapshot: its own names, times and labels, and the kind that the snapshotter tells. */
export function seenAs(name: string, record: SnapshotRecord, info: SnapshotInfo): SnapshotInfo {
  return {
    ...info,
    name,
    parent: record.parent,
    labels: { ...info.labels, ...record.labels },
    createdAtNs: nsFromTimestamp(record.createdAt),
    updatedAtNs: nsFromTimestamp(record.updatedAt),
  };
}

/** The labels that the snapshotter itself gets to see. */
export function inherited(labels: Labels): Labels {
  const entries = Object.entries(labels);
  return Object.fromEntries(entries.filter(([key]) => key === targetLabel || key.startsWith(inheritedPrefix)));
}
