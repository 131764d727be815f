import type { Clock } from '../../base/clock.ts';
import { GantryError, invalidArgument, isKind, notFound } from '../../base/errors.ts';
import type { CallOptions } from '../../client/call.ts';
import type { ServiceClient } from '../../client/client.ts';
import type { Pipe } from '../../native/sys.ts';
import type { BlobSource, ContentReader, ContentWriter, Info, Status, WriterOptions } from '../content/content.ts';
import { BlobHolds } from '../content/holds.ts';
import { RefLocks } from '../content/locks.ts';
import type { SourceOptions } from '../content/namespaced-content.ts';
import type { ProxyConnection } from './connection.ts';
import { throughPipe } from './content-pipe.ts';
import { ProxyWriter } from './content-writer.ts';

/**
 * The namespace of all calls. What lies beneath the daemon's content has no namespaces; a store that has, such as another
 * daemon, keeps all of it in this one.
 */
const namespace = 'gantry.content';
/** How long a store may take for an answer that is not about the bytes of a blob. */
const answerMs = 60_000;
/** How long it may take to list all that it has, and whoever does something with each. */
const listMs = 15 * 60_000;
const chunkBytes = 1024 * 1024;

type ContentRpcs = ServiceClient<'containerd.services.content.v1.Content'>;

export interface ProxyContentDeps {
  readonly connection: ProxyConnection;
  readonly sys: { makePipe(): Pipe };
  readonly clock: Clock;
}

/**
 * A content store in a process of its own, reached over gRPC as containerd reaches its proxy content stores. It belongs to
 * this daemon alone: what no record of the daemon names is deleted from it. Every method throws unavailable, naming the
 * plugin, while nobody answers.
 */
export class ProxyContent {
  readonly #deps: ProxyContentDeps;
  readonly #locks: RefLocks;
  readonly #holds = new BlobHolds();
  #hasLeftovers = false;

  constructor(deps: ProxyContentDeps) {
    this.#deps = deps;
    this.#locks = new RefLocks(deps.clock);
  }

  async info(digest: string): Promise<Info> {
    const { info } = await this.#answer((content, options) => content.Info({ digest }, options));
    if (info === null) throw notFound(`content ${digest}`);
    // Labels are those of the namespaces above.
    return { ...info, labels: {} };
  }

  async open(digest: string): Promise<ContentReader> {
    const { size } = await this.info(digest);
    const close = async () => undefined;
    return {
      sizeBytes: size,
      chunks: (offset, length) => this.#read(digest, offset, Math.min(length, size - offset)),
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  /** Runs `body` with a pipe that the blob comes through. */
  async withSource<T>(
    digest: string,
    body: (source: BlobSource) => Promise<T>,
    { signal }: SourceOptions = {},
  ): Promise<T> {
    const { size } = await this.info(digest);
    const chunks = (over: AbortSignal) =>
      this.#read(digest, 0, size, signal === undefined ? over : AbortSignal.any([over, signal]));
    return throughPipe(this.#deps.sys.makePipe(), chunks, (fd) => body({ fd }));
  }

  /**
   * Begins or resumes an ingest.
   * @throws GantryError unavailable while another writer has the ref, already-exists if the expected blob is there
   */
  async writer(options: WriterOptions): Promise<ContentWriter> {
    if (options.ref === '') throw invalidArgument('ref must not be empty');
    const { connection, clock } = this.#deps;
    const release = this.#locks.acquire(options.ref);
    const onLeftover = () => {
      this.#hasLeftovers = true;
    };
    try {
      return await ProxyWriter.open({ connection, namespace, clock, onLeftover, release }, options);
    } catch (error) {
      release();
      throw error;
    }
  }

  async status(ref: string): Promise<Status> {
    const { status } = await this.#answer((content, options) => content.Status({ ref }, options));
    if (status === null) throw notFound(`ingest ref "${ref}"`);
    return status;
  }

  /** All ingests that can be resumed. */
  async *statuses(): AsyncGenerator<Status> {
    yield* (await this.#answer((content, options) => content.ListStatuses({}, options))).statuses;
  }

  /** Drops an ingest. A writer that still has it open cannot commit any more. */
  async abort(ref: string): Promise<void> {
    await this.#answer((content, options) => content.Abort({ ref }, options));
  }

  async delete(digest: string): Promise<void> {
    await this.#answer((content, options) => content.Delete({ digest }, options));
  }

  /** All blobs, in no order. */
  async *list(): AsyncGenerator<Info> {
    try {
      const answers = this.#content.List({}, { timeoutMs: listMs });
      for await (const { info } of answers) yield* info.map((each) => ({ ...each, labels: {} }));
    } catch (error) {
      throw this.#deps.connection.explained(error);
    }
  }

  /** The digests of all blobs, in no order. */
  async *digests(): AsyncGenerator<string> {
    for await (const { digest } of this.list()) yield digest;
  }

  /** Keeps `deleteUnused` from a blob, there or not, until the returned function is called. */
  hold(digest: string): Promise<() => void> {
    return this.#holds.hold(digest);
  }

  /** Deletes blobs, there or not, but for those that are held or used; resolves with the number of those that are gone. */
  deleteUnused(digests: readonly string[], isUsed: (digest: string) => boolean): Promise<number> {
    return this.#holds.deleteUnused(digests, isUsed, async (unused) => {
      for (const digest of unused) await this.delete(digest).catch(ignoreMissing);
    });
  }

  /**
   * Removes the ingests that nobody knows and nobody writes. Refs have to be known before their ingest is begun.
   * @param knownRefs asked for when the store has told what it has
   */
  async removeStaleIngests(knownRefs: () => Iterable<string>): Promise<number> {
    const found = await Array.fromAsync(this.statuses());
    const kept = new Set([...knownRefs(), ...this.#locks.refs()]);
    const stale = found.filter(({ ref }) => !kept.has(ref));
    for (const { ref } of stale) await this.abort(ref).catch(ignoreMissing);
    return stale.length;
  }

  /** True, once, if a blob may have been stored whose record then was not. */
  takeLeftovers(): boolean {
    const had = this.#hasLeftovers;
    this.#hasLeftovers = false;
    return had;
  }

  /** True while a writer has the ingest open. */
  isOpen(ref: string): boolean {
    return this.#locks.has(ref);
  }

  async *#read(digest: string, offset: number, length: number, signal?: AbortSignal): AsyncGenerator<Buffer> {
    if (length <= 0) return;
    let left = length;
    try {
      for await (const { data } of this.#content.Read({ digest, offset, size: length }, { signal })) {
        left -= data.length;
        for (let at = 0; at < data.length; at += chunkBytes) yield data.subarray(at, at + chunkBytes);
      }
    } catch (error) {
      throw this.#deps.connection.explained(error);
    }
    if (left !== 0) {
      const name = this.#deps.connection.name;
      throw new GantryError(
        'data-loss',
        `proxy plugin "${name}" gave ${length - left} bytes of ${length} of ${digest}`,
      );
    }
  }

  get #content(): ContentRpcs {
    return this.#deps.connection.service('containerd.services.content.v1.Content', namespace);
  }

  #answer<T>(call: (content: ContentRpcs, options: CallOptions) => Promise<T>): Promise<T> {
    return this.#deps.connection.answer(call(this.#content, { timeoutMs: answerMs }));
  }
}

/** Somebody else was faster. */
function ignoreMissing(error: unknown): void {
  if (!isKind(error, 'not-found')) throw error;
}
