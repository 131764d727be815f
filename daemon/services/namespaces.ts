import { alreadyExists, failedPrecondition, invalidArgument, notFound } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import type { Namespace } from '../../proto/gen/api/services/namespaces/v1/namespace.ts';
import type { EventPublisher } from '../events/publisher.ts';
import type { Database } from '../metadata/database.ts';
import { parseMaskPath, updatedMap } from '../metadata/field-mask.ts';
import { storedLabels, validateLabels } from '../metadata/labels.ts';
import { ensureNamespace, validateNamespaceName } from '../metadata/namespaces.ts';
import {
  blobTable,
  containerTable,
  imageTable,
  ingestTable,
  leaseResourceTable,
  leaseTable,
  namespaceTable,
  sandboxTable,
  snapshotTable,
} from '../metadata/schema.ts';
import type { Table } from '../metadata/table.ts';
import type { Reader } from '../metadata/transaction.ts';

/** The rules of containerd.services.namespaces.v1. Namespaces also come to exist by being used. */
export class NamespacesService {
  readonly #database: Database;
  readonly #events: EventPublisher;

  constructor(deps: { readonly database: Database; readonly events: EventPublisher }) {
    this.#database = deps.database;
    this.#events = deps.events;
  }

  /** A namespace that does not exist reads as one without labels, as clients of containerd expect. */
  async get(name: string): Promise<Namespace> {
    const record = await this.#database.get(namespaceTable, [name]);
    return { name, labels: { ...record?.labels } };
  }

  async list(): Promise<Namespace[]> {
    const namespaces: Namespace[] = [];
    for await (const { key, value } of this.#database.list(namespaceTable, [])) {
      namespaces.push({ name: key[0] as string, labels: { ...value.labels } });
    }
    return namespaces;
  }

  async create(namespace: Namespace | null): Promise<Namespace> {
    if (namespace === null) throw invalidArgument('namespace is missing');
    const { name } = namespace;
    validateNamespaceName(name);
    validateLabels(namespace.labels, 'namespace.Labels');
    const labels = storedLabels(namespace.labels);
    await this.#database.update(async (tx) => {
      if (await tx.has(namespaceTable, [name])) throw alreadyExists(`namespace "${name}"`);
      tx.put(namespaceTable, [name], { labels });
    });
    await failpoint('namespace.create.recorded');
    this.#events.publish(name, '/namespaces/create', 'containerd.events.NamespaceCreate', { name, labels });
    return { name, labels };
  }

  /** Creates the namespace if need be. @param paths `labels.KEY` each; empty replaces all labels */
  async update(namespace: Namespace | null, paths: readonly string[]): Promise<Namespace> {
    if (namespace === null) throw invalidArgument('namespace is missing');
    const { name } = namespace;
    const labels = await this.#database.update(async (tx) => {
      await ensureNamespace(tx, name);
      const current = { ...(await tx.get(namespaceTable, [name]))?.labels };
      const next = storedLabels(applyMask(current, namespace.labels, paths));
      validateLabels(next, 'namespace.Labels');
      tx.put(namespaceTable, [name], { labels: next });
      return next;
    });
    this.#events.publish(name, '/namespaces/update', 'containerd.events.NamespaceUpdate', { name, labels });
    return { name, labels };
  }

  /** Deletes a namespace, with its leases, unfinished ingests and sandbox records, once all else is gone from it. */
  async delete(name: string): Promise<void> {
    await this.#database.update(async (tx) => {
      const remaining = await remainingKinds(tx, name);
      if (remaining.length > 0) {
        throw failedPrecondition(`namespace "${name}" must be empty, but it still has ${remaining.join(', ')}`);
      }
      if (!(await tx.has(namespaceTable, [name]))) throw notFound(`namespace "${name}"`);
      tx.delete(namespaceTable, [name]);
      await tx.deleteAll(leaseTable, [name]);
      await tx.deleteAll(leaseResourceTable, [name]);
      await tx.deleteAll(ingestTable, [name]);
      await tx.deleteAll(sandboxTable, [name]);
    });
    await failpoint('namespace.delete.recorded');
    this.#events.publish(name, '/namespaces/delete', 'containerd.events.NamespaceDelete', { name });
  }
}

function applyMask(
  current: Record<string, string>,
  change: Record<string, string>,
  paths: readonly string[],
): Record<string, string> {
  let labels = paths.length === 0 ? change : current;
  for (const path of paths) {
    const { field, key } = parseMaskPath(path, ['labels']);
    if (field !== 'labels' || key === undefined) throw invalidArgument(`cannot update "${path}" field`);
    labels = updatedMap(labels, change, key);
  }
  return labels;
}

/** What keeps a namespace from being deleted, in containerd's words. */
async function remainingKinds(reader: Reader, namespace: string): Promise<string[]> {
  const kinds: string[] = [];
  if (await hasAny(reader, imageTable, namespace)) kinds.push('images');
  if (await hasAny(reader, blobTable, namespace)) kinds.push('blobs');
  if (await hasAny(reader, containerTable, namespace)) kinds.push('containers');
  const snapshotters = new Set<string>();
  for await (const { key } of reader.list(snapshotTable, [namespace])) snapshotters.add(key[1] as string);
  for (const snapshotter of snapshotters) kinds.push(`snapshots on "${snapshotter}" snapshotter`);
  return kinds;
}

async function hasAny<T>(reader: Reader, table: Table<T>, namespace: string): Promise<boolean> {
  for await (const _ of reader.list(table, [namespace])) return true;
  return false;
}
