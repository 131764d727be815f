import { isKind } from '../../base/errors.ts';
import type { Database } from '../metadata/database.ts';
import { ingestTable, leaseResourceTable } from '../metadata/schema.ts';
import type { Transaction } from '../metadata/transaction.ts';
import type { Status } from './content.ts';

export interface IngestRecoveryDeps {
  readonly database: Database;
  readonly backend: { status(ref: string): Promise<Status> };
}

/**
 * Drops the records of ingests of which a crash has left nothing on disk, and what leases have noted of them: their
 * writers were never told that they had begun, or a power cut has taken what was not synced. To be called before anybody
 * else calls.
 */
export async function recoverIngests({ database, backend }: IngestRecoveryDeps): Promise<void> {
  for await (const { key, value } of database.list(ingestTable, [])) {
    const [namespace = '', ref = ''] = key;
    if (value.sharedDigest !== undefined || (await isOnDisk(backend, value.backendRef))) continue;
    await database.update((tx) => drop(tx, namespace, ref));
  }
}

async function drop(tx: Transaction, namespace: string, ref: string): Promise<void> {
  tx.delete(ingestTable, [namespace, ref]);
  for await (const { key } of tx.list(leaseResourceTable, [namespace])) {
    if (key[2] === 'ingests' && key[3] === ref) tx.delete(leaseResourceTable, key);
  }
}

async function isOnDisk(backend: IngestRecoveryDeps['backend'], ref: string): Promise<boolean> {
  try {
    await backend.status(ref);
    return true;
  } catch (error) {
    if (isKind(error, 'not-found')) return false;
    throw error;
  }
}
