import { failedPrecondition } from '../../base/errors.ts';
import type { Database } from './database.ts';
import { metaTable, schemaVersion } from './schema.ts';
import type { Transaction } from './transaction.ts';

export const versionKey = ['version'];

/** Brings a database of schema version `from` to the next one, in one transaction. */
export interface Migration {
  readonly from: number;
  run(tx: Transaction): Promise<void>;
}

/** One for every version that was ever released, oldest first. */
const migrations: readonly Migration[] = [];

/**
 * Brings a database to the present schema, step by step, so that a crash between two steps is resumed at the next start.
 * @throws GantryError failed-precondition for a database written by a newer release, which this one must not touch
 */
export async function migrate(
  database: Database,
  steps: readonly Migration[] = migrations,
  target = schemaVersion,
): Promise<void> {
  const stored = await database.get(metaTable, versionKey);
  if (stored === undefined) {
    await database.update((tx) => tx.put(metaTable, versionKey, target));
    return;
  }
  refuseNewer(stored, target);
  for (const step of steps.filter(({ from }) => from >= stored && from < target)) {
    await database.update(async (tx) => {
      await step.run(tx);
      tx.put(metaTable, versionKey, step.from + 1);
    });
  }
}

/** @throws GantryError failed-precondition for the schema version of a newer release */
export function refuseNewer(stored: number, target = schemaVersion): void {
  if (stored <= target) return;
  throw failedPrecondition(
    `metadata database has schema version ${stored}, this release knows up to ${target}: it was used by a newer one`,
  );
}
