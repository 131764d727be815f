import { alreadyExists, failedPrecondition, isKind } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { Mutex } from '../../base/mutex.ts';
import { timestampFromNs } from '../../proto/timestamp.ts';
import type { Context } from '../context.ts';
import { storedLabels, validateLabels } from '../metadata/labels.ts';
import { joinLease, leaveLease } from '../metadata/lease-resources.ts';
import { blobTable, ingestTable } from '../metadata/schema.ts';
import type { Transaction } from '../metadata/transaction.ts';
import type { CommitOptions, ContentWriter, Info, Status } from './content.ts';
import type { NamespacedContentDeps } from './namespaced-content.ts';

export interface NamespacedIngest {
  readonly ref: string;
  readonly backendRef: string;
  /** A blob on disk that stands in for what would be written. */
  readonly shared: Info | undefined;
  /** The writer on disk; none while the shared blob will do. */
  readonly inner: ContentWriter | undefined;
  /** Lets garbage collection have the expected blob again; of no effect when called twice. */
  readonly release: (() => void) | undefined;
}

/** Writes an ingest of a namespace, and on commit makes the blob a member of it. */
export class NamespacedWriter implements ContentWriter {
  readonly #deps: NamespacedContentDeps;
  readonly #ctx: Context;
  readonly #ingest: NamespacedIngest;
  readonly #operations = new Mutex();
  readonly #started: Status;
  #inner: ContentWriter | undefined;
  #closed = false;

  constructor(deps: NamespacedContentDeps, ctx: Context, ingest: NamespacedIngest) {
    this.#deps = deps;
    this.#ctx = ctx;
    this.#ingest = ingest;
    this.#inner = ingest.inner;
    const now = timestampFromNs(deps.clock.now());
    const size = ingest.shared?.size ?? 0;
    const expected = ingest.shared?.digest ?? '';
    this.#started = { ref: ingest.ref, startedAt: now, updatedAt: now, offset: size, total: size, expected };
  }

  status(): Status {
    return { ...(this.#inner?.status() ?? this.#started), ref: this.#ingest.ref };
  }

  get dataPath(): string | undefined {
    return this.#inner?.dataPath;
  }

  digest(): string {
    return this.#inner?.digest() ?? this.#started.expected;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#operations.run(async () => {
      if (bytes.length === 0) return;
      const inner = this.#inner ?? (await this.#unshare(true));
      await inner.write(bytes);
    });
  }

  truncate(): Promise<void> {
    return this.#operations.run(async () => {
      if (this.#inner === undefined) await this.#unshare(false);
      else await this.#inner.truncate();
    });
  }

  commit(options: CommitOptions = {}): Promise<void> {
    return this.#operations.run(async () => {
      if (this.#closed) throw failedPrecondition(`writer of ref ${this.#ingest.ref} is closed`);
      this.#closed = true;
      // From before the blob is on disk, or found there, until its record is.
      const release = await this.#deps.backend.hold(options.expected || this.digest());
      try {
        validateLabels(options.labels ?? {});
        const sizeBytes = this.#checkedSize(options);
        if (this.#inner === undefined) this.#checkShared(options);
        const isNew = await this.#commitInner(sizeBytes, options);
        if (!isNew) throw alreadyExists(`content ${this.digest()}`);
        this.#announce(sizeBytes);
      } finally {
        release();
        await this.#letGo();
      }
    });
  }

  close(): Promise<void> {
    return this.#operations.run(async () => {
      this.#closed = true;
      await this.#letGo();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #letGo(): Promise<void> {
    this.#ingest.release?.();
    await this.#inner?.close();
  }

  /** What is written, if it is what was promised. */
  #checkedSize({ sizeBytes = 0 }: CommitOptions): number {
    const { offset } = this.status();
    if (sizeBytes !== 0 && sizeBytes !== offset) {
      throw failedPrecondition(`"${this.#ingest.ref}" failed size validation: ${offset} != ${sizeBytes}`);
    }
    return offset;
  }

  #checkShared({ expected = '' }: CommitOptions): void {
    if (expected !== '' && expected !== this.#started.expected) {
      throw failedPrecondition(`"${this.#ingest.ref}" unexpected digest`);
    }
  }

  /** The blob may be there already for another namespace: that is as good as having written it. */
  async #commitInner(sizeBytes: number, options: CommitOptions): Promise<boolean> {
    if (this.#inner === undefined) return this.#register(sizeBytes, options);
    let isNew = false;
    const register = async () => {
      isNew = await this.#register(sizeBytes, options);
    };
    try {
      await this.#inner.commit({ sizeBytes, expected: options.expected ?? '', register });
    } catch (error) {
      if (!isKind(error, 'already-exists')) throw error;
    }
    return isNew;
  }

  /** False if the namespace has the blob already. */
  async #register(size: number, { labels = {} }: CommitOptions): Promise<boolean> {
    const digest = this.digest();
    const { namespace } = this.#ctx;
    const now = timestampFromNs(this.#deps.clock.now());
    const isNew = await this.#deps.database.update(async (tx) => {
      const exists = await tx.has(blobTable, [namespace, digest]);
      if (!exists) {
        const info = { digest, size, createdAt: now, updatedAt: now, labels: storedLabels(labels) };
        tx.put(blobTable, [namespace, digest], info);
      }
      await this.#forgetIngest(tx);
      await joinLease(tx, this.#ctx, 'content', digest);
      return !exists;
    });
    await failpoint('content.commit.recorded');
    return isNew;
  }

  #announce(size: number): void {
    const event = { digest: this.digest(), size };
    this.#deps.events.publish(this.#ctx.namespace, '/content/create', 'containerd.events.ContentCreate', event);
  }

  /** The record of this ingest; after an abort the ref may by now name another one. */
  async #forgetIngest(tx: Transaction): Promise<void> {
    const key = [this.#ctx.namespace, this.#ingest.ref];
    const record = await tx.get(ingestTable, key);
    if (record?.backendRef !== this.#ingest.backendRef) return;
    tx.delete(ingestTable, key);
    leaveLease(tx, this.#ctx, 'ingests', this.#ingest.ref);
  }

  /** Begins an ingest of its own on disk, with a copy of the shared blob or with nothing. */
  async #unshare(copy: boolean): Promise<ContentWriter> {
    if (this.#closed) throw failedPrecondition(`writer of ref ${this.#ingest.ref} is closed`);
    const { digest, size } = this.#ingest.shared as Info;
    const inner = await this.#deps.backend.writer({ ref: this.#ingest.backendRef });
    try {
      await inner.truncate();
      if (copy) {
        await using reader = await this.#deps.backend.open(digest);
        for await (const chunk of reader.chunks(0, size)) {
          this.#ctx.signal.throwIfAborted();
          await inner.write(chunk);
        }
      }
    } catch (error) {
      await inner.close();
      throw error;
    }
    this.#inner = inner;
    return inner;
  }
}
