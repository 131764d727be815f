import type { Clock } from '../../base/clock.ts';
import { alreadyExists, invalidArgument, notFound, wrap } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { type FieldLookup, mapField, parseFilters } from '../../base/filter.ts';
import { validateIdentifier } from '../../base/ids.ts';
import type { Container } from '../../proto/gen/api/services/containers/v1/containers.ts';
import { timestampFromNs } from '../../proto/timestamp.ts';
import type { Context } from '../context.ts';
import type { EventPublisher } from '../events/publisher.ts';
import type { Database } from '../metadata/database.ts';
import { parseMaskPath, updatedMap } from '../metadata/field-mask.ts';
import { storedLabels, validateLabels } from '../metadata/labels.ts';
import { listEncoded } from '../metadata/list-encoded.ts';
import { ensureNamespace } from '../metadata/namespaces.ts';
import { containerTable } from '../metadata/schema.ts';

/** What an update without a mask replaces; the rest of a container never changes. */
const mutableFields = ['labels', 'spec', 'extensions', 'image', 'snapshotkey'];

export interface ContainersDeps {
  readonly database: Database;
  readonly events: EventPublisher;
  readonly clock: Clock;
  /** Without it nothing is known of images. */
  readonly imageLabels?: {
    /** Labels of an image's configurations; none for an image that is not known. */
    of(ctx: Context, name: string): Promise<Readonly<Record<string, string>>[]>;
  };
}

/** Labels that make the daemon run a program or start a task: an image must not bring them along. */
const steeringPrefix = 'containerd.io/restart.';

/** The rules of containerd.services.containers.v1: the records that tasks are later made from. */
export class ContainersService {
  readonly #database: Database;
  readonly #events: EventPublisher;
  readonly #clock: Clock;
  readonly #imageLabels: ContainersDeps['imageLabels'];

  constructor(deps: ContainersDeps) {
    this.#database = deps.database;
    this.#events = deps.events;
    this.#clock = deps.clock;
    this.#imageLabels = deps.imageLabels;
  }

  async get(ctx: Context, id: string): Promise<Container> {
    const container = await this.#database.get(containerTable, [ctx.namespace, id]);
    if (container === undefined) throw notFound(`container "${id}" in namespace "${ctx.namespace}"`);
    return container;
  }

  /** Containers that match any of the filters, in the order of their ids, each as its encoded message. */
  list(ctx: Context, filters: readonly string[]): AsyncIterable<Buffer> {
    const matches = filters.length === 0 ? undefined : parseFilters(filters);
    return listEncoded(this.#database, ctx, { table: containerTable, field: containerField, matches });
  }

  async create(ctx: Context, container: Container | null): Promise<Container> {
    if (container === null) throw invalidArgument('container is missing');
    try {
      validateContainer(container);
    } catch (error) {
      throw wrap(error, 'create container failed validation');
    }
    const now = timestampFromNs(this.#clock.now());
    const labels = storedLabels(await this.#ownLabels(ctx, container));
    const created = { ...container, labels, createdAt: now, updatedAt: now };
    await this.#database.update(async (tx) => {
      await ensureNamespace(tx, ctx.namespace);
      const key = [ctx.namespace, container.id];
      if (await tx.has(containerTable, key)) throw alreadyExists(`container "${container.id}"`);
      tx.put(containerTable, key, created);
    });
    await failpoint('container.create.recorded');
    const { id, image, runtime } = created;
    this.#events.publish(ctx.namespace, '/containers/create', 'containerd.events.ContainerCreate', {
      id,
      image,
      runtime,
    });
    return created;
  }

  /** The labels without those that steer restarts and that a client has copied from the image. */
  async #ownLabels(ctx: Context, { image, labels }: Container): Promise<Record<string, string>> {
    const steers = (key: string) => key.startsWith(steeringPrefix);
    if (image === '' || !Object.keys(labels).some(steers)) return labels;
    const imageLabels = (await this.#imageLabels?.of(ctx, image)) ?? [];
    const isCopied = (key: string, value: string) => steers(key) && imageLabels.some((ones) => ones[key] === value);
    return Object.fromEntries(Object.entries(labels).filter(([key, value]) => !isCopied(key, value)));
  }

  /** @param paths update mask; empty replaces everything that can change */
  async update(ctx: Context, change: Container | null, paths: readonly string[]): Promise<Container> {
    if (change === null || change.id === '') throw invalidArgument('Container.ID required');
    const updated = await this.#database.update(async (tx) => {
      const key = [ctx.namespace, change.id];
      const current = await tx.get(containerTable, key);
      if (current === undefined) throw notFound(`container "${change.id}"`);
      const next = applyUpdate(current, change, paths);
      next.updatedAt = timestampFromNs(this.#clock.now());
      tx.put(containerTable, key, next);
      return next;
    });
    await failpoint('container.update.recorded');
    const { id, image, labels, snapshotKey } = updated;
    this.#events.publish(ctx.namespace, '/containers/update', 'containerd.events.ContainerUpdate', {
      id,
      image,
      labels,
      snapshotKey,
    });
    return updated;
  }

  async delete(ctx: Context, id: string): Promise<void> {
    await this.#database.update(async (tx) => {
      const key = [ctx.namespace, id];
      if (!(await tx.has(containerTable, key))) throw notFound(`container "${id}"`);
      tx.delete(containerTable, key);
    });
    await failpoint('container.delete.recorded');
    this.#events.publish(ctx.namespace, '/containers/delete', 'containerd.events.ContainerDelete', { id });
  }
}

function applyUpdate(current: Container, change: Container, paths: readonly string[]): Container {
  if (paths.length === 0) refuseImmutable(current, change);
  const next = { ...current };
  for (const path of paths.length === 0 ? mutableFields : paths) {
    const { field, key } = parseMaskPath(path, ['labels', 'extensions']);
    if (field === 'labels') next.labels = updatedMap(next.labels, change.labels, key);
    else if (field === 'extensions') next.extensions = updatedMap(next.extensions, change.extensions, key);
    else if (field === 'spec') next.spec = change.spec;
    else if (field === 'image') next.image = change.image;
    else if (field === 'snapshotkey') next.snapshotKey = change.snapshotKey;
    else throw invalidArgument(`cannot update "${path}" field on "${change.id}"`);
  }
  try {
    validateContainer(next);
  } catch (error) {
    throw wrap(error, 'update failed validation');
  }
  next.labels = storedLabels(next.labels);
  return next;
}

function refuseImmutable(current: Container, change: Container): void {
  if (current.snapshotter !== change.snapshotter) {
    throw invalidArgument('container.Snapshotter field is immutable');
  }
  if (current.runtime?.name !== change.runtime?.name) {
    throw invalidArgument('container.Runtime.Name field is immutable');
  }
}

function validateContainer(container: Container): void {
  try {
    validateIdentifier(container.id);
  } catch (error) {
    throw wrap(error, 'container.ID');
  }
  if (Object.hasOwn(container.extensions, '')) {
    throw invalidArgument('container.Extension keys must not be zero-length');
  }
  validateLabels(container.labels, 'containers.Labels');
  if (container.runtime === null || container.runtime.name === '') {
    throw invalidArgument('container.Runtime.Name must be set');
  }
  if (container.spec === null) throw invalidArgument('container.Spec must be set');
  if (container.snapshotKey !== '' && container.snapshotter === '') {
    throw invalidArgument('container.Snapshotter must be set if container.SnapshotKey is set');
  }
}

const containerField =
  (container: Container): FieldLookup =>
  ([field, ...rest]) => {
    if (field === 'id' || field === 'image') return container[field] || undefined;
    if (field === 'runtime') return rest[0] === 'name' ? container.runtime?.name || undefined : undefined;
    return field === 'labels' ? mapField(container.labels, rest) : undefined;
  };
