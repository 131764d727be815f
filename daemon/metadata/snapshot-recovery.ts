import { isKind, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Snapshotter } from '../../snapshotter/snapshotter.ts';
import type { Context } from '../context.ts';
import type { Database } from './database.ts';
import { leaseTable, type PendingCommit, type SnapshotRecord } from './schema.ts';
import { inherited } from './snapshot-labels.ts';
import type { SnapshotTable } from './snapshot-table.ts';
import type { Transaction } from './transaction.ts';

export interface SnapshotRecoveryDeps {
  readonly database: Database;
  readonly backend: Snapshotter;
  readonly table: SnapshotTable;
  readonly logger: Logger;
}

/**
 * Puts the metadata of snapshots in step with the snapshotter after a crash. A commit that only the snapshotter has done is
 * finished, an update of labels taken back; metadata of what the snapshotter does not know is removed, unless
 * `keepMissing`. To be called before anybody else calls.
 */
export async function recoverSnapshots(
  { database, backend, table, logger }: SnapshotRecoveryDeps,
  { keepMissing }: { readonly keepMissing: boolean } = { keepMissing: false },
): Promise<void> {
  for await (const { namespace, name, record } of table.everywhere(database)) {
    const { committing, relabelling } = record;
    if (keepMissing && committing === undefined && relabelling === undefined) continue;
    if (await isKnown(backend, record.backendKey)) {
      if (relabelling) await labelAgain({ database, backend, table }, namespace, name, record);
      continue;
    }
    const fields = { namespace, snapshot: name };
    try {
      if (committing !== undefined && (await isKnown(backend, committing.record.backendKey))) {
        await database.update((tx) => finishCommit(tx, table, { namespace, key: name, committing }));
        logger.info({ ...fields, name: committing.name }, 'commit that a crash cut short is finished');
      } else if (!keepMissing) {
        await database.update((tx) => table.remove(tx, contextOf(namespace), name));
        logger.warn(fields, 'metadata of a snapshot that a crash has taken is removed');
      }
    } catch (error) {
      logger.error({ ...fields, error: messageOf(error) }, 'snapshot is missing in the snapshotter');
    }
  }
}

/** Gives the snapshotter the labels that are recorded, in place of those of an update that did not get so far. */
async function labelAgain(
  { database, backend, table }: Omit<SnapshotRecoveryDeps, 'logger'>,
  namespace: string,
  name: string,
  { relabelling: _, ...record }: SnapshotRecord,
): Promise<void> {
  await backend.update({ name: record.backendKey, labels: inherited(record.labels) });
  await database.update((tx) => table.replace(tx, namespace, name, record));
}

interface UnfinishedCommit {
  readonly namespace: string;
  readonly key: string;
  readonly committing: PendingCommit;
}

async function finishCommit(tx: Transaction, table: SnapshotTable, commit: UnfinishedCommit): Promise<void> {
  const { namespace, key, committing } = commit;
  const { leaseId = '', name, record } = committing;
  const hasLease = await tx.has(leaseTable, [namespace, leaseId]);
  await table.commit(tx, contextOf(namespace, hasLease ? leaseId : undefined), key, name, record);
}

function contextOf(namespace: string, leaseId?: string): Context {
  const { signal } = new AbortController();
  return leaseId === undefined ? { namespace, signal } : { namespace, leaseId, signal };
}

async function isKnown(backend: Snapshotter, key: string): Promise<boolean> {
  try {
    await backend.stat(key);
    return true;
  } catch (error) {
    if (isKind(error, 'not-found')) return false;
    throw error;
  }
}
