/**
 * Everything the daemon stores, as a tree of keys. Each level is one part of a key; the value stands after the colon.
 * Parts are joined with a NUL, so a prefix of parts is a contiguous range in byte order.
 *
 *     meta
 *     ├──version : <json number>                 schema version, see migrations.ts
 *     └──last-batch : <hex>                      id of the last batch written, see journal.ts
 *     sequences
 *     └──*name* : <json number>                  last number handed out, see sequences.ts
 *     namespaces
 *     └──*namespace* : <NamespaceRecord>         exists from first use or explicit creation until deleted
 *     containers
 *     └──*namespace*
 *        └──*container id* : <Container>
 *     sandboxes
 *     └──*namespace*
 *        └──*sandbox id* : <Sandbox>
 *     images
 *     └──*namespace*
 *        └──*image name* : <Image>
 *     blobs
 *     └──*namespace*
 *        └──*digest* : <Info>                    membership of a blob of the content store, with its labels
 *     ingests
 *     └──*namespace*
 *        └──*ref* : <IngestRecord>
 *     leases
 *     └──*namespace*
 *        └──*lease id* : <Lease>
 *     lease-resources
 *     └──*namespace*
 *        └──*lease id*
 *           └──*type*                            content, images, ingests or snapshots/<snapshotter>
 *              └──*resource id* : <json {}>
 *     mounts
 *     └──*namespace*
 *        └──*activation name* : <ActivationRecord>
 *     snapshots
 *     └──*namespace*
 *        └──*snapshotter*
 *           └──*snapshot key* : <SnapshotRecord>
 *     snapshot-children
 *     └──*namespace*
 *        └──*snapshotter*
 *           └──*parent key*
 *              └──*snapshot key* : <json {}>     who stands on the parent, so that it is not removed beneath them
 *     snapshotters
 *     └──*snapshotter*                           what each keeps for itself, see snapshotter-records.ts; the overlay one:
 *        ├──snapshot
 *        │  └──*backend key* : <json>            id, kind, parent, labels, times and usage of a layer
 *        └──child
 *           └──*parent's backend key*
 *              └──*backend key* : <empty>
 *
 * A change of this tree needs the next `schemaVersion` and a migration.
 */
import type { ActiveMount, Mount } from '../../proto/gen/api/types/mount.ts';
import type { Timestamp } from '../../proto/gen/google/protobuf/timestamp.ts';
import { jsonTable, messageTable } from './table.ts';

export const schemaVersion = 1;

export interface NamespaceRecord {
  readonly labels: Readonly<Record<string, string>>;
}

export interface IngestRecord {
  /** The ref under which the content store knows the ingest. */
  readonly backendRef: string;
  /** Milliseconds since the epoch after which nobody is expected to resume it; absent while a lease holds it. */
  readonly expiresAtMs?: number;
  /** The blob, already in the content store, that this ingest only needs to claim for its namespace. */
  readonly sharedDigest?: string;
}

export interface SnapshotRecord {
  /** The key under which the snapshotter knows it. */
  readonly backendKey: string;
  /** Key of the parent in this namespace; empty for none. */
  readonly parent: string;
  readonly createdAt: Timestamp;
  readonly updatedAt: Timestamp;
  readonly labels: Readonly<Record<string, string>>;
  /** What an active snapshot is being made into: if the snapshotter has done that already, it has to be finished. */
  readonly committing?: PendingCommit;
  /** The snapshotter is being given other labels: unless the record is replaced, it has to be given these again. */
  readonly relabelling?: true;
}

/** A commit that has been begun. */
export interface PendingCommit {
  readonly name: string;
  /** The lease that the committed snapshot joins. */
  readonly leaseId?: string;
  readonly record: SnapshotRecord;
}

/** Mounts that the daemon has made for a client. */
export interface ActivationRecord {
  /** Names their directory. */
  readonly id: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: Timestamp;
  readonly updatedAt: Timestamp;
  /** The lease that the activation was made under and that keeps it. */
  readonly leaseId?: string;
  /** What is mounted; absent until all of it is. */
  readonly active?: readonly ActiveMount[];
  /** What is left to the client to mount. */
  readonly system?: readonly Mount[];
}

/** A record whose existence is all it says. */
export type Mark = Readonly<Record<string, never>>;

export const metaTable = jsonTable<number>('meta');
export const sequenceTable = jsonTable<number>('sequences');
export const namespaceTable = jsonTable<NamespaceRecord>('namespaces');
export const containerTable = messageTable('containers', 'containerd.services.containers.v1.Container');
export const sandboxTable = messageTable('sandboxes', 'containerd.types.Sandbox');
export const imageTable = messageTable('images', 'containerd.services.images.v1.Image');
export const blobTable = messageTable('blobs', 'containerd.services.content.v1.Info');
export const ingestTable = jsonTable<IngestRecord>('ingests');
export const leaseTable = messageTable('leases', 'containerd.services.leases.v1.Lease');
export const leaseResourceTable = jsonTable<Mark>('lease-resources');
export const activationTable = jsonTable<ActivationRecord>('mounts');
export const snapshotTable = jsonTable<SnapshotRecord>('snapshots');
export const snapshotChildTable = jsonTable<Mark>('snapshot-children');
