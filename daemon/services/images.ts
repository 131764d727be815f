import type { Clock } from '../../base/clock.ts';
import { parseDigest } from '../../base/digest.ts';
import { alreadyExists, invalidArgument, notFound, wrap } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { type FieldLookup, mapField, parseFilters } from '../../base/filter.ts';
import type { Image } from '../../proto/gen/api/services/images/v1/images.ts';
import type { Descriptor } from '../../proto/gen/api/types/descriptor.ts';
import { type Timestamp, timestampFromNs } from '../../proto/timestamp.ts';
import type { Context } from '../context.ts';
import type { EventPublisher } from '../events/publisher.ts';
import type { Database } from '../metadata/database.ts';
import { parseMaskPath, updatedMap } from '../metadata/field-mask.ts';
import { storedLabels, validateLabels } from '../metadata/labels.ts';
import { joinLease, leaveLease } from '../metadata/lease-resources.ts';
import { listEncoded } from '../metadata/list-encoded.ts';
import { ensureNamespace } from '../metadata/namespaces.ts';
import { imageTable } from '../metadata/schema.ts';
import type { Transaction } from '../metadata/transaction.ts';

/** Only an image with this label can be collected while it exists, so only such a one needs a lease. */
const expiryLabel = 'containerd.io/gc.expire';

/** A valid image always has a target; the wire's type cannot say so. */
type CheckedImage = Image & { target: Descriptor };

export interface ImagesDeps {
  readonly database: Database;
  readonly events: EventPublisher;
  readonly clock: Clock;
  readonly garbage: GarbageCollection;
}

/** What of garbage collection can be asked for: `gc/scheduler.ts`. */
export interface GarbageCollection {
  /** Resolves when a collection that begins after the call has ended. */
  collect(options: { readonly signal: AbortSignal }): Promise<void>;
}

export interface DeleteImageOptions {
  /** Deletes only an image that still has this target; another one counts as not found. */
  readonly target?: Descriptor | undefined;
  /** Resolves only when what the image alone kept is gone, too. */
  readonly sync?: boolean;
}

/** The rules of containerd.services.images.v1: names for manifests and indexes in the content store. */
export class ImagesService {
  readonly #database: Database;
  readonly #events: EventPublisher;
  readonly #clock: Clock;
  readonly #garbage: GarbageCollection;

  constructor(deps: ImagesDeps) {
    this.#database = deps.database;
    this.#events = deps.events;
    this.#clock = deps.clock;
    this.#garbage = deps.garbage;
  }

  async get(ctx: Context, name: string): Promise<Image> {
    const image = await this.#database.get(imageTable, [ctx.namespace, name]);
    if (image === undefined) throw notFound(`image "${name}"`);
    return image;
  }

  /** Images that match any of the filters, in the order of their names, each as its encoded message. */
  list(ctx: Context, filters: readonly string[]): AsyncIterable<Buffer> {
    const matches = filters.length === 0 ? undefined : parseFilters(filters);
    return listEncoded(this.#database, ctx, { table: imageTable, field: imageField, matches });
  }

  /** @param sourceDateEpoch stands in for the present as the image's creation time */
  async create(ctx: Context, image: Image | null, sourceDateEpoch: Timestamp | null = null): Promise<Image> {
    if (image === null || image.name === '') throw invalidArgument('Image.Name required');
    const valid = checkedImage(image);
    const now = sourceDateEpoch ?? timestampFromNs(this.#clock.now());
    const created = { ...valid, createdAt: now, updatedAt: now };
    await this.#database.update(async (tx) => {
      await ensureNamespace(tx, ctx.namespace);
      await this.#joinIfExpiring(tx, ctx, created);
      const key = [ctx.namespace, image.name];
      if (await tx.has(imageTable, key)) throw alreadyExists(`image "${image.name}"`);
      tx.put(imageTable, key, created);
    });
    await failpoint('image.create.recorded');
    const { name, labels } = created;
    this.#events.publish(ctx.namespace, '/images/create', 'containerd.services.images.v1.ImageCreate', {
      name,
      labels,
    });
    return created;
  }

  /** @param paths update mask; empty replaces the whole record */
  async update(
    ctx: Context,
    change: Image | null,
    paths: readonly string[],
    sourceDateEpoch: Timestamp | null = null,
  ): Promise<Image> {
    if (change === null || change.name === '') throw invalidArgument('Image.Name required');
    const updated = await this.#database.update(async (tx) => {
      const key = [ctx.namespace, change.name];
      const current = await tx.get(imageTable, key);
      if (current === undefined) throw notFound(`image "${change.name}"`);
      const next: Image = {
        ...checkedImage(paths.length === 0 ? change : applyMask(current, change, paths)),
        createdAt: current.createdAt,
        updatedAt: sourceDateEpoch ?? timestampFromNs(this.#clock.now()),
      };
      await this.#joinIfExpiring(tx, ctx, next);
      tx.put(imageTable, key, next);
      return next;
    });
    await failpoint('image.update.recorded');
    const { name, labels } = updated;
    this.#events.publish(ctx.namespace, '/images/update', 'containerd.services.images.v1.ImageUpdate', {
      name,
      labels,
    });
    return updated;
  }

  async delete(ctx: Context, name: string, { target, sync = false }: DeleteImageOptions = {}): Promise<void> {
    await this.#database.update(async (tx) => {
      const key = [ctx.namespace, name];
      const image = await tx.get(imageTable, key);
      if (image === undefined) throw notFound(`image "${name}"`);
      const digest = image.target?.digest ?? '';
      if (target !== undefined && target.digest !== '' && target.digest !== digest) {
        throw notFound(`image "${name}" has target ${digest}, not ${target.digest}`);
      }
      leaveLease(tx, ctx, 'images', name);
      tx.delete(imageTable, key);
    });
    await failpoint('image.delete.recorded');
    this.#events.publish(ctx.namespace, '/images/delete', 'containerd.services.images.v1.ImageDelete', { name });
    if (sync) await this.#garbage.collect(ctx);
  }

  async #joinIfExpiring(tx: Transaction, ctx: Context, image: Image): Promise<void> {
    if (Object.hasOwn(image.labels, expiryLabel)) await joinLease(tx, ctx, 'images', image.name);
  }
}

function applyMask(current: Image, change: Image, paths: readonly string[]): Image {
  const next = { ...current };
  for (const path of paths) {
    const { field, key } = parseMaskPath(path, ['labels', 'annotations']);
    if (field === 'labels') {
      next.labels = updatedMap(next.labels, change.labels, key);
    } else if (field === 'target') {
      next.target = change.target;
    } else if (field === 'annotations' && next.target !== null) {
      const annotations = updatedMap(next.target.annotations, change.target?.annotations ?? {}, key);
      next.target = { ...next.target, annotations };
    } else {
      throw invalidArgument(`cannot update "${path}" field on image "${change.name}"`);
    }
  }
  return next;
}

/** The image as it is stored. @throws GantryError invalid-argument unless it names a descriptor in full */
function checkedImage(image: Image): CheckedImage {
  validateLabels(image.labels, 'image.Labels');
  const { target } = image;
  try {
    parseDigest(target?.digest ?? '');
  } catch (error) {
    throw wrap(error, `target.Digest "${target?.digest ?? ''}" invalid`);
  }
  if (target === null || target.size <= 0) throw invalidArgument('target.Size must be greater than zero');
  if (target.mediaType === '') throw invalidArgument('target.MediaType must be set');
  const annotations = storedLabels(target.annotations);
  return { ...image, labels: storedLabels(image.labels), target: { ...target, annotations } };
}

const imageField =
  (image: Image): FieldLookup =>
  ([field, ...rest]) => {
    if (field === 'name') return image.name || undefined;
    if (field === 'labels') return mapField(image.labels, rest);
    if (field === 'annotations') return mapField(image.target?.annotations ?? {}, rest);
    if (field !== 'target') return undefined;
    if (rest[0] === 'digest') return image.target?.digest || undefined;
    return rest[0] === 'mediatype' ? image.target?.mediaType || undefined : undefined;
  };
