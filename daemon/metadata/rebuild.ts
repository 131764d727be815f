import type { Container } from '../../proto/gen/api/services/containers/v1/containers.ts';
import type { Info, Status } from '../../proto/gen/api/services/content/v1/content.ts';
import { rfc3339FromTimestamp, type Timestamp, timestampFromNs } from '../../proto/timestamp.ts';
import type { Database } from './database.ts';
import { ensureNamespace } from './namespaces.ts';
import { rebuildSnapshots, type Snapshots } from './rebuild-snapshots.ts';
import {
  blobTable,
  containerTable,
  imageTable,
  ingestTable,
  leaseResourceTable,
  leaseTable,
  namespaceTable,
  snapshotTable,
} from './schema.ts';
import { raiseSequence } from './sequences.ts';
import type { Transaction } from './transaction.ts';

/** What can be told from disk without the database. */
export interface Evidence {
  containers(): Promise<readonly { readonly namespace: string; readonly container: Container }[]>;
  readonly snapshots: readonly Snapshots[];
  blobs(): AsyncIterable<Info>;
  /** Ingests by the ref under which the content store knows them. */
  ingests(): AsyncIterable<Status>;
}

/** How many records each step has put back. */
export interface Rebuilt {
  readonly containers: number;
  readonly snapshots: number;
  readonly blobs: number;
  readonly ingests: number;
  /** Layers of which nobody knows what they are. */
  readonly strayLayers: readonly StrayLayer[];
}

export interface StrayLayer {
  readonly snapshotter: string;
  /** Name of the layer's directory among the snapshotter's. */
  readonly directory: string;
}

/** Holds what was rebuilt for a while: what referred to it may be lost, and the next collection would take it. */
export const recoveryLease = 'gantry-recovered';
const leaseMs = 7 * 24 * 60 * 60 * 1_000;
const ingestMs = 24 * 60 * 60 * 1_000;

/**
 * Puts records back into a database that has lost some or all, by what is on disk. A record that is there is right; only
 * missing ones are added. Blobs do not tell whose they were, so every namespace gets those that none has.
 * @param tables the tables, by name, that may have lost records
 */
export async function rebuild(
  database: Database,
  evidence: Evidence,
  options: { readonly tables: (name: string) => boolean; readonly nowNs: bigint },
): Promise<Rebuilt> {
  const { tables, nowNs } = options;
  const now = timestampFromNs(nowNs);
  const containers = tables('containers') ? await rebuildContainers(database, evidence) : 0;
  const concernsSnapshots = ['snapshots', 'snapshot-children', 'snapshotters', 'sequences'].some(tables);
  const rebuilt = concernsSnapshots
    ? await Promise.all(evidence.snapshots.map((each) => rebuildSnapshots(database, each)))
    : [];
  const restored = rebuilt.flatMap((each) => each.restored);
  await rebuildNamespaces(database);
  await database.update((tx) => {
    for (const { namespace, snapshotter, name } of restored) {
      lease(tx, namespace, `snapshots/${snapshotter}`, name, now);
    }
  });
  const ingests = tables('ingests') ? await rebuildIngests(database, evidence, nowNs) : 0;
  const blobs = tables('blobs') ? await rebuildBlobs(database, evidence, now) : 0;
  const strayLayers = rebuilt.flatMap((each) => each.strayLayers);
  return { containers, snapshots: restored.length, blobs, ingests, strayLayers };
}

async function rebuildContainers(database: Database, evidence: Evidence): Promise<number> {
  const found = await evidence.containers();
  return database.update(async (tx) => {
    let count = 0;
    for (const { namespace, container } of found) {
      if (await tx.has(containerTable, [namespace, container.id])) continue;
      await ensureNamespace(tx, namespace);
      tx.put(containerTable, [namespace, container.id], container);
      count++;
    }
    return count;
  });
}

/** A namespace exists if anything is in it. */
async function rebuildNamespaces(database: Database): Promise<void> {
  await database.update(async (tx) => {
    const names = new Set<string>();
    for (const table of [containerTable, imageTable, blobTable, snapshotTable, leaseTable]) {
      for await (const { key } of tx.list<unknown>(table, [])) names.add(key[0] ?? '');
    }
    for (const name of names) await ensureNamespace(tx, name);
  });
}

async function rebuildIngests(database: Database, evidence: Evidence, nowNs: bigint): Promise<number> {
  const known = new Set<string>();
  for await (const { value } of database.list(ingestTable, [])) known.add(value.backendRef);
  const expiresAtMs = Number(nowNs / 1_000_000n) + ingestMs;
  let count = 0;
  for await (const { ref: backendRef } of evidence.ingests()) {
    const [namespace = '', number = '', ...rest] = backendRef.split('/');
    if (known.has(backendRef) || rest.length === 0 || !/^\d+$/.test(number)) continue;
    await database.update(async (tx) => {
      await ensureNamespace(tx, namespace);
      const ref = rest.join('/');
      if (!(await tx.has(ingestTable, [namespace, ref]))) {
        tx.put(ingestTable, [namespace, ref], { backendRef, expiresAtMs });
        count++;
      }
      await raiseSequence(tx, `ingests/${namespace}`, Number(number));
    });
  }
  return count;
}

async function rebuildBlobs(database: Database, evidence: Evidence, now: Timestamp): Promise<number> {
  const known = new Set<string>();
  for await (const { key } of database.list(blobTable, [])) known.add(key[1] ?? '');
  const found: Info[] = [];
  for await (const info of evidence.blobs()) if (!known.has(info.digest)) found.push(info);
  if (found.length === 0) return 0;
  await database.update(async (tx) => {
    const namespaces: string[] = [];
    for await (const { key } of tx.list(namespaceTable, [])) namespaces.push(key[0] ?? '');
    if (namespaces.length === 0) namespaces.push('default');
    for (const namespace of namespaces) {
      await ensureNamespace(tx, namespace);
      for (const info of found) {
        tx.put(blobTable, [namespace, info.digest], info);
        lease(tx, namespace, 'content', info.digest, now);
      }
    }
  });
  return found.length;
}

function lease(tx: Transaction, namespace: string, type: string, id: string, now: Timestamp): void {
  const expiry = { ...now, seconds: now.seconds + leaseMs / 1_000 };
  const labels = { 'containerd.io/gc.expire': rfc3339FromTimestamp(expiry) };
  tx.put(leaseTable, [namespace, recoveryLease], { id: recoveryLease, createdAt: now, labels });
  tx.put(leaseResourceTable, [namespace, recoveryLease, type, id], {});
}
