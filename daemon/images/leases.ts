import type { Clock } from '../../base/clock.ts';
import { isKind, messageOf } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import { rfc3339FromTimestamp, timestampFromNs } from '../../proto/timestamp.ts';
import type { Context } from '../context.ts';
import type { LeaseStore } from '../unpack/leases.ts';

export interface PullLeasesDeps {
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly log: Logger;
}

const imageLabel = 'gantry/pull';
const lifetimeNs = 24n * 3_600n * 1_000_000_000n;

/**
 * The daemon's own leases on what it is pulling. That of a pull that failed, or of a daemon that died, keeps what had come
 * for a day, or until the image is pulled.
 */
export class PullLeases {
  readonly #deps: PullLeasesDeps;
  readonly #open = new Set<string>();

  constructor(deps: PullLeasesDeps) {
    this.#deps = deps;
  }

  /** @returns the id of a new lease */
  async open(ctx: Context, image: string): Promise<string> {
    const { leases, clock } = this.#deps;
    const id = `pull-${randomHex(8)}`;
    const expiry = rfc3339FromTimestamp(timestampFromNs(clock.now() + lifetimeNs));
    await leases.create(ctx, id, { 'containerd.io/gc.expire': expiry, [imageLabel]: image });
    this.#open.add(id);
    return id;
  }

  /** Keeps a blob, and what its labels lead to, for a lease of the client; one that is gone wants nothing any more. */
  async hold(ctx: Context, id: string, digest: string): Promise<void> {
    await this.#deps.leases.addResource(ctx, id, { type: 'content', id: digest }).catch(ignoreMissing);
  }

  /** The pull has failed: the lease stays until it expires. */
  leave(id: string): void {
    this.#open.delete(id);
  }

  /** The image is there: its lease goes, and those of attempts that failed. Failing only delays the collection of garbage. */
  async close(ctx: Context, id: string, image: string): Promise<void> {
    const { leases, log } = this.#deps;
    this.#open.delete(id);
    try {
      const ids: string[] = [];
      for await (const lease of leases.list(ctx, [`labels."${imageLabel}"==${JSON.stringify(image)}`])) {
        if (!this.#open.has(lease.id)) ids.push(lease.id);
      }
      for (const left of ids) await leases.delete(ctx, left).catch(ignoreMissing);
    } catch (error) {
      log.warn({ namespace: ctx.namespace, lease: id, error: messageOf(error) }, 'cannot delete the lease of a pull');
    }
  }
}

function ignoreMissing(error: unknown): void {
  if (!isKind(error, 'not-found')) throw error;
}
