import { notFound } from '../../base/errors.ts';
import type { Context } from '../context.ts';
import { leaseResourceTable, leaseTable } from './schema.ts';
import type { Transaction } from './transaction.ts';

/**
 * Adds a resource to the lease the caller named, in the transaction that creates the resource; does nothing without one.
 * @param type `content`, `ingests`, `images` or `snapshots/<snapshotter>`
 * @throws GantryError not-found for a lease that does not exist
 */
export async function joinLease(tx: Transaction, ctx: Context, type: string, id: string): Promise<void> {
  if (ctx.leaseId === undefined) return;
  if (!(await tx.has(leaseTable, [ctx.namespace, ctx.leaseId]))) throw notFound('lease does not exist');
  tx.put(leaseResourceTable, [ctx.namespace, ctx.leaseId, type, id], {});
}

/** Takes a resource out of the lease the caller named. Leases it joined otherwise keep their claim. */
export function leaveLease(tx: Transaction, ctx: Context, type: string, id: string): void {
  if (ctx.leaseId === undefined) return;
  tx.delete(leaseResourceTable, [ctx.namespace, ctx.leaseId, type, id]);
}
