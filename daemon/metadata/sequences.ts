import { sequenceTable } from './schema.ts';
import type { Transaction } from './transaction.ts';

/** The next number, from 1, of a named sequence. A number is never handed out twice, also across restarts. */
export async function nextInSequence(tx: Transaction, name: string): Promise<number> {
  const next = ((await tx.get(sequenceTable, [name])) ?? 0) + 1;
  tx.put(sequenceTable, [name], next);
  return next;
}

/** Makes sure that a number that is in use is not handed out again. */
export async function raiseSequence(tx: Transaction, name: string, used: number): Promise<void> {
  const last = (await tx.get(sequenceTable, [name])) ?? 0;
  if (last < used) tx.put(sequenceTable, [name], used);
}
