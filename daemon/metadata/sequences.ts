import { sequenceTable } from './schema.ts';
import type { Transaction } from './transaction.ts';

/** The next number, from 1, of a named sequence. A number is never handed out twice, also across restarts. */
export async function nextInSequence(tx: Transaction, name: string): Promise<number> {
  const next = ((await tx.get(sequenceTable, [name])) ?? 0) + 1;
  tx.put(sequenceTable, [name], next);
  return next;
}
