import { createHash } from 'node:crypto';
import { link, mkdir, opendir, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { isDigest, parseDigest } from '../../base/digest.ts';
import { alreadyExists, GantryError, invalidArgument, isKind, notFound } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { timestampFromNs } from '../../proto/timestamp.ts';
import type { BlobSource, ContentReader, ContentWriter, Info, Status, WriterOptions } from './content.ts';
import type { Hasher } from './digester.ts';
import { BlobHolds } from './holds.ts';
import { IngestDirectory, ingestDirectories } from './ingest.ts';
import { RefLocks } from './locks.ts';
import { RecentBlobs } from './recent-blobs.ts';
import { BlobWriter, type BlobWriterDeps } from './writer.ts';

/** How many entries of a directory are read at a time. */
const directoryBatch = 1_024;

/** What the store needs of the kernel; `native/sys.ts` has it. */
export interface ContentSys {
  createHasher(): Hasher;
  syncPath(path: string): Promise<void>;
  removeTree(path: string): Promise<void>;
  removeEntries(directory: string, names: readonly string[]): Promise<void>;
}

/**
 * Blobs and ingests on disk, for all namespaces together:
 *
 *     blobs/<algorithm>/<hex>         finished and read-only, hence never written in place
 *     ingest/<sha256 of the ref>/     see ingest.ts
 */
export class ContentStore {
  readonly #root: string;
  readonly #sys: ContentSys;
  readonly #clock: Clock;
  readonly #locks: RefLocks;
  readonly #holds = new BlobHolds();
  #hasLeftovers = false;
  readonly #recent = new RecentBlobs();

  private constructor(root: string, deps: { readonly sys: ContentSys; readonly clock: Clock }) {
    this.#root = root;
    this.#sys = deps.sys;
    this.#clock = deps.clock;
    this.#locks = new RefLocks(deps.clock);
  }

  /** Opens the store of a directory, made if missing. */
  static async open(root: string, deps: { readonly sys: ContentSys; readonly clock: Clock }): Promise<ContentStore> {
    const store = new ContentStore(root, deps);
    await mkdir(store.#ingestRoot, { recursive: true, mode: 0o700 });
    await store.#makeDurableDirectory(join(root, 'blobs', 'sha256'));
    return store;
  }

  async info(digest: string): Promise<Info> {
    const found = await stat(this.blobPath(digest), { bigint: true }).catch(rethrowMissing(`content ${digest}`));
    const time = timestampFromNs(found.mtimeNs);
    return { digest, size: Number(found.size), createdAt: time, updatedAt: time, labels: {} };
  }

  async open(digest: string): Promise<ContentReader> {
    return this.#recent.open(this.blobPath(digest)).catch(rethrowMissing(`content ${digest}`));
  }

  async delete(digest: string): Promise<void> {
    const path = this.blobPath(digest);
    await unlink(path).catch(rethrowMissing(`content ${digest}`));
    this.#recent.forget(path);
  }

  /** All blobs, in no order. */
  async *list(): AsyncGenerator<Info> {
    for await (const digest of this.digests()) yield* await this.#present(() => this.info(digest));
  }

  /** The digests of all blobs, in no order. Files that are none are passed over. */
  async *digests(): AsyncGenerator<string> {
    for await (const algorithm of await opendir(join(this.#root, 'blobs'))) {
      if (!algorithm.isDirectory()) continue;
      const directory = join(this.#root, 'blobs', algorithm.name);
      for await (const file of await opendir(directory, { bufferSize: directoryBatch })) {
        const digest = `${algorithm.name}:${file.name}`;
        if (isDigest(digest)) yield digest;
      }
    }
  }

  /**
   * Keeps `deleteUnused` from a blob, there or not, until the returned function is called: for whoever relies on the bytes
   * before the metadata says so.
   */
  hold(digest: string): Promise<() => void> {
    return this.#holds.hold(digest);
  }

  /**
   * Deletes blobs, there or not, but for those that are held or used, which is asked when nobody else can publish them.
   * Resolves with the number of those that are gone.
   */
  deleteUnused(digests: readonly string[], isUsed: (digest: string) => boolean): Promise<number> {
    return this.#holds.deleteUnused(digests, isUsed, async (unused) => {
      const paths = unused.map((digest) => this.blobPath(digest));
      try {
        for (const [directory, those] of Map.groupBy(paths, dirname)) {
          const names = those.map((path) => basename(path));
          await this.#sys.removeEntries(directory, names);
        }
      } finally {
        for (const path of paths) this.#recent.forget(path);
      }
    });
  }

  /**
   * Removes the ingests on disk that nobody knows and nobody writes. Refs have to be known before their ingest is begun.
   * @param knownRefs asked for when the disk has told what it has
   */
  async removeStaleIngests(knownRefs: () => Iterable<string>): Promise<number> {
    const found = await ingestDirectories(this.#ingestRoot);
    const kept = new Set([...knownRefs(), ...this.#locks.refs()].map((ref) => this.#ingestPath(ref)));
    const stale = found.filter(({ path }) => !kept.has(path));
    for (const { path } of stale) await this.#sys.removeTree(path);
    return stale.length;
  }

  /** True, once, if a blob was stored whose record then could not be. */
  takeLeftovers(): boolean {
    const had = this.#hasLeftovers;
    this.#hasLeftovers = false;
    return had;
  }

  /** True while a writer has the ingest open. */
  isOpen(ref: string): boolean {
    return this.#locks.has(ref);
  }

  /**
   * Begins or resumes an ingest.
   * @throws GantryError unavailable while another writer has the ref, already-exists if the expected blob is there
   */
  async writer({ ref, total = 0, expected = '', signal }: WriterOptions): Promise<ContentWriter> {
    if (ref === '') throw invalidArgument('ref must not be empty');
    const release = this.#locks.acquire(ref);
    try {
      if (expected !== '' && (await this.#has(expected))) throw alreadyExists(`content ${expected}`);
      const ingest = new IngestDirectory(this.#ingestPath(ref));
      const status = await this.#resumeOrCreate(ingest, ref, total);
      const publish: BlobWriterDeps['publish'] = (done, ...how) => this.#publish(done, ...how);
      const createHasher = () => this.#sys.createHasher();
      const deps = { clock: this.#clock, createHasher, publish, release };
      return await BlobWriter.open(deps, ingest, status, { signal });
    } catch (error) {
      release();
      throw error;
    }
  }

  async status(ref: string): Promise<Status> {
    const status = await new IngestDirectory(this.#ingestPath(ref)).status().catch((error: unknown) => {
      throw isKind(error, 'not-found') ? notFound(`ingest ref "${ref}"`) : error;
    });
    return status;
  }

  /** All ingests that can be resumed. */
  async *statuses(): AsyncGenerator<Status> {
    for (const ingest of await ingestDirectories(this.#ingestRoot)) {
      yield* await this.#present(() => ingest.status());
    }
  }

  /** Drops an ingest. A writer that still has it open cannot commit any more. */
  async abort(ref: string): Promise<void> {
    const path = this.#ingestPath(ref);
    await stat(path).catch(rethrowMissing(`ingest ref "${ref}"`));
    await this.#sys.removeTree(path);
  }

  /** Runs `body` with what native code can read a blob from: its file. */
  withSource<T>(digest: string, body: (source: BlobSource) => Promise<T>): Promise<T> {
    return body({ path: this.blobPath(digest) });
  }

  /** Where a blob is, or would be. @throws GantryError invalid-argument for a malformed digest */
  blobPath(digest: string): string {
    const { algorithm, hex } = parseDigest(digest);
    return join(this.#root, 'blobs', algorithm, hex);
  }

  get #ingestRoot(): string {
    return join(this.#root, 'ingest');
  }

  #ingestPath(ref: string): string {
    return join(this.#ingestRoot, createHash('sha256').update(ref).digest('hex'));
  }

  async #resumeOrCreate(ingest: IngestDirectory, ref: string, total: number): Promise<Status> {
    const [found] = await this.#present(() => ingest.status());
    const usable = found?.ref === ref && (total === 0 || found.total === 0 || found.total === total);
    if (found !== undefined && usable) return { ...found, total: found.total || total };
    const startedAt = timestampFromNs(this.#clock.now());
    await ingest.create(ref, total, startedAt);
    await failpoint('content.ingest.created');
    return { ref, startedAt, updatedAt: startedAt, offset: 0, total, expected: '' };
  }

  /** The data has both names until the blob is known, so that a crash takes away neither the blob nor the ingest. */
  async #publish(ingest: IngestDirectory, digest: string, register?: () => Promise<void>): Promise<void> {
    const path = this.blobPath(digest);
    const isNew = await this.#holds.publish(digest, async () => {
      const exists = await this.#has(digest);
      if (!exists) {
        await this.#makeDurableDirectory(dirname(path));
        await link(ingest.dataPath, path).catch(rethrowMissing(`ingest ${ingest.path}`));
        await failpoint('content.commit.linked');
      }
      // One that exists may be from a process that got no further than that.
      await this.#sys.syncPath(dirname(path));
      return !exists;
    });
    await failpoint('content.commit.durable');
    try {
      await register?.();
    } catch (error) {
      this.#hasLeftovers = true;
      throw error;
    }
    await this.#sys.removeTree(ingest.path);
    await failpoint('content.commit.cleared');
    if (!isNew) throw alreadyExists(`content ${digest}`);
  }

  /** Makes a directory that a power cut does not take away again. */
  async #makeDurableDirectory(path: string): Promise<void> {
    const first = await mkdir(path, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let made = path; made.length >= first.length; made = dirname(made)) await this.#sys.syncPath(dirname(made));
  }

  async #has(digest: string): Promise<boolean> {
    return (await this.#present(() => this.info(digest))).length > 0;
  }

  /** The one result, or none if what was asked for is gone, as happens when others delete meanwhile. */
  async #present<T>(look: () => Promise<T>): Promise<T[]> {
    try {
      return [await look()];
    } catch (error) {
      if (isKind(error, 'not-found')) return [];
      throw error;
    }
  }
}

/** Turns ENOENT into not-found and leaves the rest alone. */
function rethrowMissing(what: string): (error: unknown) => never {
  return (error) => {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw missing ? new GantryError('not-found', what, { cause: error }) : error;
  };
}
