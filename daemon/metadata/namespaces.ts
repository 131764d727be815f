import { invalidArgument } from '../../base/errors.ts';
import { validateIdentifier } from '../../base/ids.ts';
import { namespaceTable } from './schema.ts';
import type { Transaction } from './transaction.ts';

/** Throws invalid-argument for a name that no namespace can have. */
export function validateNamespaceName(name: string): void {
  validateIdentifier(name);
  // containerd keeps its schema version under this name, so no client of it can use one called that.
  if (name === 'version') throw invalidArgument('namespace "version" is reserved');
}

/** Makes the namespace exist: storing the first thing in one is what creates it. */
export async function ensureNamespace(tx: Transaction, name: string): Promise<void> {
  if (await tx.has(namespaceTable, [name])) return;
  validateNamespaceName(name);
  tx.put(namespaceTable, [name], { labels: {} });
}
