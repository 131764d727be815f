import type { Clock } from '../../base/clock.ts';
import { isKind, messageOf } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { Lease, Resource } from '../../proto/gen/api/services/leases/v1/leases.ts';
import { rfc3339FromTimestamp, timestampFromNs } from '../../proto/timestamp.ts';
import type { Context } from '../context.ts';

/** Leases as the daemon's own service has them. */
export interface LeaseStore {
  create(ctx: Context, id: string, labels: Record<string, string>): Promise<Lease>;
  delete(ctx: Context, id: string): Promise<void>;
  list(ctx: Context, filters: readonly string[]): AsyncIterable<Lease>;
  addResource(ctx: Context, id: string, resource: Resource): Promise<void>;
}

export interface UnpackLeasesDeps {
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly log: Logger;
}

const purposeLabel = 'gantry/unpack';
const lifetimeNs = 24n * 3_600n * 1_000_000_000n;

/** The daemon's own leases on what it is unpacking, whoever asked for it and may have left meanwhile. */
export class UnpackLeases {
  readonly #deps: UnpackLeasesDeps;

  constructor(deps: UnpackLeasesDeps) {
    this.#deps = deps;
  }

  /** @returns the id of a new lease, which should also go if it is forgotten */
  async open(ctx: Context): Promise<string> {
    const { leases, clock } = this.#deps;
    const expiry = rfc3339FromTimestamp(timestampFromNs(clock.now() + lifetimeNs));
    const labels = { 'containerd.io/gc.expire': expiry, [purposeLabel]: 'yes' };
    return (await leases.create(ctx, `unpack-${randomHex(8)}`, labels)).id;
  }

  /** Keeps a snapshot for as long as each of the leases is there; one that is gone wants nothing any more. */
  async hold(ctx: Context, ids: readonly (string | undefined)[], snapshotter: string, name: string): Promise<void> {
    for (const id of ids) {
      if (id === undefined) continue;
      await this.#deps.leases.addResource(ctx, id, { type: `snapshots/${snapshotter}`, id: name }).catch(ignoreMissing);
    }
  }

  /** Failing only delays the collection of garbage. */
  async close(ctx: Context, id: string): Promise<void> {
    const { leases, log } = this.#deps;
    try {
      await leases.delete(ctx, id).catch(ignoreMissing);
    } catch (error) {
      log.warn(
        { namespace: ctx.namespace, lease: id, error: messageOf(error) },
        'cannot delete the lease of an unpack',
      );
    }
  }

  /** Drops what a daemon that was killed has left in a namespace. */
  async recover(ctx: Context): Promise<void> {
    const left: string[] = [];
    for await (const { id } of this.#deps.leases.list(ctx, [`labels."${purposeLabel}"==yes`])) left.push(id);
    for (const id of left) await this.close(ctx, id);
  }
}

function ignoreMissing(error: unknown): void {
  if (!isKind(error, 'not-found')) throw error;
}
