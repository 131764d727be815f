import { invalidArgument } from '../base/errors.ts';
import type { Labels, SnapshotChange, SnapshotInfo, SnapshotKind, SnapshotUsage } from './snapshotter.ts';

/** What is stored of a snapshot. */
export interface SnapshotRecord extends SnapshotInfo {
  /** Names the snapshot's directory; never given out twice while the directory may exist. */
  readonly id: number;
  /** Ids of the layers below, nearest first. They cannot change: a parent is committed, so its own layers are settled. */
  readonly parentIds: readonly number[];
  /** Set when the snapshot is committed. */
  readonly usage: SnapshotUsage | null;
}

interface StoredRecord {
  id: number;
  parentIds: number[];
  parent: string;
  kind: SnapshotKind;
  labels: Record<string, string>;
  createdAtNs: string;
  updatedAtNs: string;
  usage: SnapshotUsage | null;
}

export function encodeRecord(record: SnapshotRecord): Buffer {
  const { id, parentIds, parent, kind, labels, usage } = record;
  const stored: StoredRecord = {
    id,
    parentIds: [...parentIds],
    parent,
    kind,
    labels,
    createdAtNs: String(record.createdAtNs),
    updatedAtNs: String(record.updatedAtNs),
    usage,
  };
  return Buffer.from(JSON.stringify(stored));
}

export function decodeRecord(name: string, bytes: Buffer): SnapshotRecord {
  const stored = JSON.parse(bytes.toString()) as StoredRecord;
  return {
    ...stored,
    name,
    createdAtNs: BigInt(stored.createdAtNs),
    updatedAtNs: BigInt(stored.updatedAtNs),
  };
}

/** The part of a record that callers see. */
export function infoOf(record: SnapshotRecord): SnapshotInfo {
  const { name, parent, kind, labels, createdAtNs, updatedAtNs } = record;
  return { name, parent, kind, labels, createdAtNs, updatedAtNs };
}

/**
 * The labels after an update: all replaced without field paths or with `labels`, single ones with `labels.KEY`. Labels
 * with an empty value are dropped.
 * @throws GantryError invalid-argument for a field that cannot be updated
 */
export function updatedLabels(current: Labels, change: SnapshotChange, fieldPaths: readonly string[]): Labels {
  let labels: Labels = fieldPaths.length === 0 ? change.labels : current;
  for (const path of fieldPaths) {
    if (path.startsWith('labels.')) {
      const key = path.slice('labels.'.length);
      labels = { ...labels, [key]: change.labels[key] ?? '' };
    } else if (path === 'labels') {
      labels = change.labels;
    } else {
      throw invalidArgument(`cannot update "${path}" field on snapshot "${change.name}"`);
    }
  }
  return storedLabels(labels);
}

/** Labels as they are stored: an empty value means no label. */
export function storedLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}

/** Field access for filters: kind, name, parent and labels.KEY. */
export function snapshotField(info: SnapshotInfo): (path: readonly string[]) => string | undefined {
  return ([field, ...rest]) => {
    if (field === 'kind' || field === 'name' || field === 'parent') return info[field];
    if (field !== 'labels') return undefined;
    const key = rest.join('.');
    return Object.hasOwn(info.labels, key) ? info.labels[key] : undefined;
  };
}
