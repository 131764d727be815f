import { systemClock } from '../base/clock.ts';
import { randomHex } from '../base/ids.ts';
import { rfc3339FromTimestamp, timestampFromNs } from '../proto/timestamp.ts';
import type { Client } from './client.ts';

const lifetimeNs = 24n * 3_600n * 1_000_000_000n;
const deleteTimeoutMs = 10_000;

/**
 * Runs `body` with a client whose new blobs, ingests and snapshots are safe from garbage collection until it returns. What
 * is to stay must by then be referred to by an image, a container or a label. A client that has a lease keeps it.
 */
export async function withLease<T>(
  client: Client,
  options: { signal?: AbortSignal | undefined },
  body: (leased: Client) => Promise<T>,
): Promise<T> {
  if (client.leaseId !== undefined) return body(client);
  const leases = client.service('containerd.services.leases.v1.Leases');
  const id = `gantry-${randomHex(8)}`;
  // If this process dies, the daemon drops the lease by itself.
  const expiry = rfc3339FromTimestamp(timestampFromNs(systemClock.now() + lifetimeNs));
  await leases.Create({ id, labels: { 'containerd.io/gc.expire': expiry } }, options);
  try {
    return await body(client.with({ leaseId: id }));
  } finally {
    // Failing to delete only delays the collection, which must not hide what became of the body.
    await leases.Delete({ id }, { timeoutMs: deleteTimeoutMs }).catch(() => undefined);
  }
}
