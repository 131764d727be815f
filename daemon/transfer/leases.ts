import type { Clock } from '../../base/clock.ts';
import { isKind, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Lease } from '../../proto/gen/api/services/leases/v1/leases.ts';
import type { Context } from '../context.ts';
import { rfc3339Now } from './images.ts';

/** Leases as the daemon's own service has them. */
export interface LeaseStore {
  create(ctx: Context, id: string, labels: Record<string, string>): Promise<Lease>;
  delete(ctx: Context, id: string): Promise<void>;
}

const lifetimeNs = 24n * 3_600n * 1_000_000_000n;

/**
 * Runs `body` under a lease: that of the caller, or one that lasts until the body ends, and a day if that never happens.
 */
export async function underLease<T>(
  ctx: Context,
  { leases, clock, log }: { readonly leases: LeaseStore; readonly clock: Clock; readonly log: Logger },
  body: (ctx: Context) => Promise<T>,
): Promise<T> {
  if (ctx.leaseId !== undefined) return body(ctx);
  const { id } = await leases.create(ctx, '', { 'containerd.io/gc.expire': rfc3339Now(clock, lifetimeNs) });
  try {
    return await body({ ...ctx, leaseId: id });
  } finally {
    try {
      await leases.delete({ ...ctx, signal: new AbortController().signal }, id);
    } catch (error) {
      const isGone = isKind(error, 'not-found');
      const fields = { namespace: ctx.namespace, lease: id, error: messageOf(error) };
      if (!isGone) log.warn(fields, 'cannot delete the lease of a transfer');
    }
  }
}
