import type { Clock } from '../../base/clock.ts';
import { alreadyExists, invalidArgument, isKind, notFound } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { type FieldLookup, mapField, parseFilters } from '../../base/filter.ts';
import { timestampFromNs } from '../../proto/timestamp.ts';
import type { Context } from '../context.ts';
import type { EventPublisher } from '../events/publisher.ts';
import type { Database } from '../metadata/database.ts';
import { parseMaskPath, updatedMap } from '../metadata/field-mask.ts';
import { storedLabels, validateLabels } from '../metadata/labels.ts';
import { joinLease, leaveLease } from '../metadata/lease-resources.ts';
import { ensureNamespace } from '../metadata/namespaces.ts';
import { blobTable, type IngestRecord, ingestTable, namespaceTable } from '../metadata/schema.ts';
import { nextInSequence } from '../metadata/sequences.ts';
import type { Reader, Transaction } from '../metadata/transaction.ts';
import { Arrivals } from './arrivals.ts';
import type { BlobSource, ContentReader, ContentWriter, Info, Status, WriterOptions } from './content.ts';
import { recoverIngests } from './ingest-recovery.ts';
import { NamespacedWriter } from './namespaced-writer.ts';

/** How long an ingest that no lease holds may lie untouched. */
const ingestExpiryMs = 24 * 60 * 60 * 1_000;

/** A namespace with this label, `true`, lends its blobs to all others, also under the isolated policy. */
const shareableLabel = 'containerd.io/namespace.shareable';

/**
 * Whether a namespace gets a blob that another one has without sending its bytes. Isolated, it has to prove that it has
 * them; the bytes are still stored once.
 */
export type SharingPolicy = 'shared' | 'isolated';

export interface SourceOptions {
  /** Gives up reading. */
  readonly signal?: AbortSignal;
}

/** The store beneath, without namespaces: `store.ts`, or a process of its own. */
export interface ContentBackend {
  info(digest: string): Promise<Info>;
  open(digest: string): Promise<ContentReader>;
  /** Runs `body` with what native code can read a blob from, which is good until it ends. */
  withSource<T>(digest: string, body: (source: BlobSource) => Promise<T>, options?: SourceOptions): Promise<T>;
  writer(options: WriterOptions): Promise<ContentWriter>;
  status(ref: string): Promise<Status>;
  abort(ref: string): Promise<void>;
  /** Keeps garbage collection from a blob, there or not, until the returned function is called. */
  hold(digest: string): Promise<() => void>;
}

export interface NamespacedContentDeps {
  readonly database: Database;
  readonly backend: ContentBackend;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/**
 * Content as one namespace sees it: which blobs are in it, with which labels, and its ingests by the refs its clients
 * chose. Everything that is created joins the caller's lease. Nothing but this reaches the store on disk, so nothing
 * gets around leases.
 */
export class NamespacedContent {
  /** What is on its way, for those who need not wait until it is whole. */
  readonly arrivals = new Arrivals();
  readonly #deps: NamespacedContentDeps;
  readonly #policy: SharingPolicy;

  constructor(deps: NamespacedContentDeps, options: { readonly sharingPolicy: SharingPolicy }) {
    this.#deps = deps;
    this.#policy = options.sharingPolicy;
  }

  /** Puts records and disk in step again after a crash. To be called before anybody else calls. */
  recover(): Promise<void> {
    return recoverIngests(this.#deps);
  }

  async info(ctx: Context, digest: string): Promise<Info> {
    return requireBlob(this.#deps.database, ctx, digest);
  }

  /** @param paths update mask of `labels` and `labels.KEY`; empty replaces all labels */
  async update(ctx: Context, change: Info, paths: readonly string[]): Promise<Info> {
    const info = await this.#deps.database.update(async (tx) => {
      const current = await requireBlob(tx, ctx, change.digest);
      const labels = maskedLabels(current, change, paths);
      validateLabels(labels);
      const updated = { ...current, labels: storedLabels(labels), updatedAt: timestampFromNs(this.#deps.clock.now()) };
      tx.put(blobTable, [ctx.namespace, change.digest], updated);
      return updated;
    });
    await failpoint('content.update.recorded');
    return info;
  }

  /** Blobs that match any of the filters, in the order of their digests. */
  list(ctx: Context, filters: readonly string[]): AsyncIterable<Info> {
    const matches = parseFilters(filters);
    return this.#matching(ctx, (info) => matches(infoField(info)));
  }

  /** Takes a blob out of the namespace. Its bytes go when the last namespace has let go of it. */
  async delete(ctx: Context, digest: string): Promise<void> {
    await this.#deps.database.update(async (tx) => {
      await requireBlob(tx, ctx, digest);
      tx.delete(blobTable, [ctx.namespace, digest]);
      leaveLease(tx, ctx, 'content', digest);
    });
    await failpoint('content.delete.recorded');
    this.#deps.events.publish(ctx.namespace, '/content/delete', 'containerd.events.ContentDelete', { digest });
  }

  async open(ctx: Context, digest: string): Promise<ContentReader> {
    await this.#requireMember(ctx, digest);
    return this.#deps.backend.open(digest);
  }

  /** Runs `body` with what native code can read a blob from: a file's path, or a descriptor for the bytes in order. */
  async withSource<T>(ctx: Context, digest: string, body: (source: BlobSource) => Promise<T>): Promise<T> {
    await this.#requireMember(ctx, digest);
    return this.#deps.backend.withSource(digest, body, { signal: ctx.signal });
  }

  async status(ctx: Context, ref: string): Promise<Status> {
    const record = await requireIngest(this.#deps.database, ctx, ref);
    return { ...(await this.#deps.backend.status(record.backendRef)), ref };
  }

  /** Ingests that match any of the filters, in the order of their refs. */
  async statuses(ctx: Context, filters: readonly string[]): Promise<Status[]> {
    const matches = parseFilters(filters);
    const statuses: Status[] = [];
    for await (const { key, value } of this.#deps.database.list(ingestTable, [ctx.namespace])) {
      const ref = key[1] as string;
      if (!matches(([field]) => (field === 'ref' ? ref : undefined))) continue;
      // An ingest that only claims a shared blob, or has just been finished, has nothing on disk.
      const status = await this.#deps.backend.status(value.backendRef).catch(ignoreMissing);
      if (status !== undefined) statuses.push({ ...status, ref });
    }
    return statuses;
  }

  async abort(ctx: Context, ref: string): Promise<void> {
    const { backendRef } = await this.#deps.database.update(async (tx) => {
      const record = await requireIngest(tx, ctx, ref);
      tx.delete(ingestTable, [ctx.namespace, ref]);
      leaveLease(tx, ctx, 'ingests', ref);
      return record;
    });
    await failpoint('content.abort.recorded');
    await this.#deps.backend.abort(backendRef).catch(ignoreMissing);
    await failpoint('content.abort.removed');
  }

  /**
   * Begins or resumes an ingest of this namespace. When the expected blob is on disk already and may be shared, nothing
   * needs to be written: the writer stands at the end and can be committed at once.
   * @throws GantryError already-exists, after joining it to the lease, if the namespace has the expected blob;
   *   unavailable while another writer has the ref
   */
  async writer(ctx: Context, options: WriterOptions): Promise<ContentWriter> {
    const { ref, expected = '' } = options;
    if (ref === '') throw invalidArgument('ref must not be empty');
    if (expected !== '' && (await this.claim(ctx, expected))) throw alreadyExists(`content ${expected}`);
    // Taken before the disk is asked, for the blob there may have lost its last record.
    const release = expected === '' ? undefined : await this.#deps.backend.hold(expected);
    try {
      return await this.#open(ctx, options, release);
    } catch (error) {
      release?.();
      throw error;
    }
  }

  /** True if the namespace has the blob, which then is in the caller's lease. */
  async claim(ctx: Context, digest: string): Promise<boolean> {
    const key = [ctx.namespace, digest];
    if ((await this.#deps.database.get(blobTable, key)) === undefined) return false;
    return this.#deps.database.update(async (tx) => {
      const exists = await tx.has(blobTable, key);
      if (exists) await joinLease(tx, ctx, 'content', digest);
      return exists;
    });
  }

  async #requireMember(ctx: Context, digest: string): Promise<void> {
    // Clients read blobs in many small ranges, each of which asks again.
    const isMember = await this.#deps.database.hasSoon(blobTable, [ctx.namespace, digest]);
    if (!isMember) throw missingBlob(digest);
  }

  async #open(ctx: Context, options: WriterOptions, release: (() => void) | undefined): Promise<ContentWriter> {
    const { ref, total = 0, expected = '' } = options;
    // Held, it stays; within the transaction everybody would wait for the answer.
    const there = expected === '' ? undefined : await this.#onDisk(expected, total);
    // If a power cut takes this record, it takes an upload that has to start again anyway.
    const { backendRef, shared } = await this.#deps.database.update(
      async (tx) => {
        const found = there !== undefined && (await this.#mayShare(tx, expected)) ? there : undefined;
        const record = await this.#ingestRecord(tx, ctx, ref, found?.digest);
        tx.put(ingestTable, [ctx.namespace, ref], record);
        return { backendRef: record.backendRef, shared: found };
      },
      { durable: false },
    );
    await failpoint('content.ingest.recorded');
    const own = { ref: backendRef, total, signal: ctx.signal };
    const inner = shared === undefined ? await this.#deps.backend.writer(own) : undefined;
    return new NamespacedWriter(this.#deps, ctx, { ref, backendRef, shared, inner, release });
  }

  /** Whether the policy lets a namespace have a blob of others. */
  async #mayShare(tx: Transaction, digest: string): Promise<boolean> {
    return this.#policy === 'shared' || isLent(tx, digest);
  }

  /** The blob on disk, if its size is the announced one. */
  async #onDisk(digest: string, total: number): Promise<Info | undefined> {
    const info = await this.#deps.backend.info(digest).catch(ignoreMissing);
    return info !== undefined && (total === 0 || total === info.size) ? info : undefined;
  }

  async #ingestRecord(tx: Transaction, ctx: Context, ref: string, sharedDigest?: string): Promise<IngestRecord> {
    await ensureNamespace(tx, ctx.namespace);
    await joinLease(tx, ctx, 'ingests', ref);
    const known = await tx.get(ingestTable, [ctx.namespace, ref]);
    const backendRef =
      known?.backendRef ?? `${ctx.namespace}/${await nextInSequence(tx, `ingests/${ctx.namespace}`)}/${ref}`;
    const expiresAtMs = Number(this.#deps.clock.now() / 1_000_000n) + ingestExpiryMs;
    return {
      backendRef,
      ...(ctx.leaseId === undefined ? { expiresAtMs } : {}),
      ...(sharedDigest === undefined ? {} : { sharedDigest }),
    };
  }

  async *#matching(ctx: Context, matches: (info: Info) => boolean): AsyncGenerator<Info> {
    for await (const { value } of this.#deps.database.list(blobTable, [ctx.namespace])) {
      ctx.signal.throwIfAborted();
      if (matches(value)) yield value;
    }
  }
}

async function requireBlob(reader: Reader, ctx: Context, digest: string): Promise<Info> {
  const info = await reader.get(blobTable, [ctx.namespace, digest]);
  if (info === undefined) throw missingBlob(digest);
  return info;
}

const missingBlob = (digest: string) => notFound(`content digest ${digest}`);

async function requireIngest(reader: Reader, ctx: Context, ref: string): Promise<IngestRecord> {
  const record = await reader.get(ingestTable, [ctx.namespace, ref]);
  if (record === undefined) throw notFound(`reference ${ref}`);
  return record;
}

/** True if a namespace that lends its blobs has this one. */
async function isLent(reader: Reader, digest: string): Promise<boolean> {
  for await (const { key, value } of reader.list(namespaceTable, [])) {
    if (value.labels[shareableLabel] !== 'true') continue;
    if ((await reader.get(blobTable, [key[0] as string, digest])) !== undefined) return true;
  }
  return false;
}

function maskedLabels(current: Info, change: Info, paths: readonly string[]): Record<string, string> {
  let labels = paths.length === 0 ? change.labels : current.labels;
  for (const path of paths) {
    const { field, key } = parseMaskPath(path, ['labels']);
    if (field !== 'labels') throw invalidArgument(`cannot update "${path}" field on content info "${change.digest}"`);
    labels = updatedMap(labels, change.labels, key);
  }
  return labels;
}

function ignoreMissing(error: unknown): undefined {
  if (!isKind(error, 'not-found')) throw error;
}

const infoField =
  (info: Info): FieldLookup =>
  ([field, ...rest]) => {
    if (field === 'digest') return info.digest;
    return field === 'labels' ? mapField(info.labels, rest) : undefined;
  };
