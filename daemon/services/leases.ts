import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { parseDigest } from '../../base/digest.ts';
import { alreadyExists, GantryError, invalidArgument, notFound, wrap } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { type FieldLookup, mapField, parseFilters } from '../../base/filter.ts';
import type { Lease, Resource } from '../../proto/gen/api/services/leases/v1/leases.ts';
import { timestampFromNs } from '../../proto/timestamp.ts';
import type { Context } from '../context.ts';
import type { Database } from '../metadata/database.ts';
import { storedLabels, validateLabels } from '../metadata/labels.ts';
import { ensureNamespace } from '../metadata/namespaces.ts';
import { leaseResourceTable, leaseTable } from '../metadata/schema.ts';
import type { Transaction } from '../metadata/transaction.ts';
import type { GarbageCollection } from './images.ts';

export interface LeasesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly garbage: GarbageCollection;
}

/** The rules of containerd.services.leases.v1: what a client holds on to, whether or not anything refers to it. */
export class LeasesService {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #garbage: GarbageCollection;

  constructor(deps: LeasesDeps) {
    this.#database = deps.database;
    this.#clock = deps.clock;
    this.#garbage = deps.garbage;
  }

  /** @param id empty for one made up here */
  async create(ctx: Context, id: string, labels: Record<string, string>): Promise<Lease> {
    validateLabels(labels, 'lease.Labels');
    const createdAt = timestampFromNs(this.#clock.now());
    const leaseId = id === '' ? `${createdAt.nanos}-${randomBytes(3).toString('base64url')}` : id;
    const lease = { id: leaseId, createdAt, labels: storedLabels(labels) };
    await this.#database.update(async (tx) => {
      await ensureNamespace(tx, ctx.namespace);
      const key = [ctx.namespace, leaseId];
      if (await tx.has(leaseTable, key)) throw alreadyExists(`lease "${leaseId}"`);
      tx.put(leaseTable, key, lease);
    });
    await failpoint('lease.create.recorded');
    return lease;
  }

  /** @param sync resolves only when what the lease alone held is gone, too */
  async delete(ctx: Context, id: string, { sync = false }: { readonly sync?: boolean } = {}): Promise<void> {
    await this.#database.update(async (tx) => {
      await requireLease(tx, ctx, id);
      tx.delete(leaseTable, [ctx.namespace, id]);
      await tx.deleteAll(leaseResourceTable, [ctx.namespace, id]);
    });
    if (sync) await this.#garbage.collect(ctx);
    await failpoint('lease.delete.recorded');
  }

  /** Leases that match any of the filters, in the order of their ids. */
  list(ctx: Context, filters: readonly string[]): AsyncIterable<Lease> {
    const matches = parseFilters(filters);
    return this.#matching(ctx, (lease) => matches(leaseField(lease)));
  }

  async addResource(ctx: Context, id: string, resource: Resource | null): Promise<void> {
    await this.#database.update(async (tx) => {
      await requireLease(tx, ctx, id);
      const checked = checkedResource(resource);
      tx.put(leaseResourceTable, [ctx.namespace, id, checked.type, checked.id], {});
    });
    await failpoint('lease.add.recorded');
  }

  /** Succeeds also for a resource that the lease does not hold. */
  async deleteResource(ctx: Context, id: string, resource: Resource | null): Promise<void> {
    await this.#database.update(async (tx) => {
      await requireLease(tx, ctx, id);
      const checked = checkedResource(resource);
      tx.delete(leaseResourceTable, [ctx.namespace, id, checked.type, checked.id]);
    });
    await failpoint('lease.remove.recorded');
  }

  /** What a lease holds, by type and then by id. */
  async listResources(ctx: Context, id: string): Promise<Resource[]> {
    const lease = await this.#database.get(leaseTable, [ctx.namespace, id]);
    if (lease === undefined) throw notFound(`lease "${id}"`);
    const resources: Resource[] = [];
    for await (const { key } of this.#database.list(leaseResourceTable, [ctx.namespace, id])) {
      resources.push({ type: key[2] as string, id: key[3] as string });
    }
    return resources;
  }

  async *#matching(ctx: Context, matches: (lease: Lease) => boolean): AsyncGenerator<Lease> {
    for await (const { value } of this.#database.list(leaseTable, [ctx.namespace])) {
      ctx.signal.throwIfAborted();
      if (matches(value)) yield value;
    }
  }
}

async function requireLease(tx: Transaction, ctx: Context, id: string): Promise<void> {
  if (!(await tx.has(leaseTable, [ctx.namespace, id]))) throw notFound(`lease "${id}"`);
}

/** The resource, if it is of a kind that can be leased. */
function checkedResource(resource: Resource | null): Resource {
  if (resource === null) throw invalidArgument('resource is missing');
  const { type, id } = resource;
  const [kind, ...rest] = type.split('/');
  if (kind === 'snapshots') {
    if (rest.length !== 1) throw invalidArgument(`invalid snapshot resource type ${type}`);
    return resource;
  }
  if (kind !== 'content' && kind !== 'ingests' && kind !== 'images') {
    throw new GantryError('unimplemented', `resource type ${type} not supported yet`);
  }
  if (rest.length > 0) throw invalidArgument(`invalid resource type ${type}`);
  if (kind === 'content') {
    try {
      parseDigest(id);
    } catch (error) {
      throw wrap(error, `invalid content resource id ${id}`);
    }
  }
  return resource;
}

const leaseField =
  (lease: Lease): FieldLookup =>
  ([field, ...rest]) => {
    if (field === 'id') return lease.id || undefined;
    return field === 'labels' ? mapField(lease.labels, rest) : undefined;
  };
