import { GantryError } from '../base/errors.ts';
import type { Info, Kind } from '../proto/gen/api/services/snapshots/v1/snapshots.ts';
import { nsFromTimestamp, type Timestamp, timestampFromNs } from '../proto/timestamp.ts';
import type { SnapshotInfo, SnapshotKind } from './snapshotter.ts';

const wireKinds: Readonly<Record<SnapshotKind, Kind>> = { active: 'ACTIVE', view: 'VIEW', committed: 'COMMITTED' };
const kinds: Readonly<Partial<Record<Kind, SnapshotKind>>> = { ACTIVE: 'active', VIEW: 'view', COMMITTED: 'committed' };

/** How many snapshots one message of a list tells of. */
const listBatch = 100;

/** A snapshot as containerd.services.snapshots.v1 has it. */
export function infoToWire(info: SnapshotInfo): Info {
  return {
    name: info.name,
    parent: info.parent,
    kind: wireKinds[info.kind],
    createdAt: timestampFromNs(info.createdAtNs),
    updatedAt: timestampFromNs(info.updatedAtNs),
    labels: { ...info.labels },
  };
}

/** @throws GantryError internal for an answer that is none */
export function infoFromWire(info: Info | null): SnapshotInfo {
  const kind = info === null ? undefined : kinds[info.kind];
  if (info === null || kind === undefined) {
    throw new GantryError('internal', `snapshotter answered a snapshot ${info?.name ?? ''} of kind ${info?.kind}`);
  }
  const { name, parent, labels, createdAt, updatedAt } = info;
  const [createdAtNs, updatedAtNs] = [ns(createdAt), ns(updatedAt)];
  return { name, parent, kind, labels, createdAtNs, updatedAtNs };
}

/** Not every snapshotter tells times. */
const ns = (time: Timestamp | null) => (time === null ? 0n : nsFromTimestamp(time));

/** Snapshots in the messages of a list. */
export async function* listToWire(infos: AsyncIterable<SnapshotInfo>): AsyncGenerator<{ info: Info[] }> {
  let info: Info[] = [];
  for await (const each of infos) {
    info.push(infoToWire(each));
    if (info.length < listBatch) continue;
    yield { info };
    info = [];
  }
  if (info.length > 0) yield { info };
}
