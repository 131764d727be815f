import type { Clock } from '../../base/clock.ts';
import { failedPrecondition, GantryError, isKind } from '../../base/errors.ts';
import { Mutex } from '../../base/mutex.ts';
import { RequestQueue } from '../../client/content/request-queue.ts';
import type { Init } from '../../proto/codec.ts';
import type { WriteContentRequest, WriteContentResponse } from '../../proto/gen/api/services/content/v1/content.ts';
import { rfc3339FromTimestamp, timestampFromNs } from '../../proto/timestamp.ts';
import type { CommitOptions, ContentWriter, Status, WriterOptions } from '../content/content.ts';
import type { ProxyConnection } from './connection.ts';

/** Bytes of one message; two of them are below the limit that every daemon has for a message. */
const messageBytes = 4 * 1024 * 1024;
/** How long the other side may take to let go of a ref. */
const closeTimeoutMs = 10_000;
/** A daemon that serves as a store collects what nothing refers to: this keeps the blob until it is deleted. */
const rootLabel = 'containerd.io/gc.root';

type Request = Init<WriteContentRequest>;

export interface ProxyWriterDeps {
  readonly connection: ProxyConnection;
  /** The one whose blobs and ingests they are. */
  readonly namespace: string;
  readonly clock: Clock;
  /** Told when a blob may be there whose record is not. */
  readonly onLeftover: () => void;
  /** Lets others write to the ref. */
  readonly release: () => void;
}

/** Writes one ingest of a store in a process of its own, through one call to it. */
export class ProxyWriter implements ContentWriter {
  readonly #deps: ProxyWriterDeps;
  readonly #requests = new RequestQueue<Request>();
  readonly #stop = new AbortController();
  readonly #responses: AsyncGenerator<WriteContentResponse, void, undefined>;
  readonly #operations = new Mutex();
  #status: Status;
  #digest = '';
  #closed = false;

  private constructor(deps: ProxyWriterDeps, { ref, total = 0 }: WriterOptions) {
    this.#deps = deps;
    const now = timestampFromNs(deps.clock.now());
    this.#status = { ref, total, offset: 0, startedAt: now, updatedAt: now, expected: '' };
    const content = deps.connection.service('containerd.services.content.v1.Content', deps.namespace);
    this.#responses = content.Write(this.#requests, { signal: this.#stop.signal });
  }

  /** Begins or resumes an ingest. @throws GantryError already-exists, unavailable */
  static async open(deps: ProxyWriterDeps, options: WriterOptions): Promise<ProxyWriter> {
    const { ref, total = 0, expected = '', signal } = options;
    const writer = new ProxyWriter(deps, options);
    const stop = () => writer.#stop.abort();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      signal?.throwIfAborted();
      const { offset, digest, startedAt, updatedAt } = await writer.#ask({ action: 'STAT', ref, total, expected });
      const times = startedAt === null || updatedAt === null ? {} : { startedAt, updatedAt };
      writer.#status = { ...writer.#status, ...times, offset };
      writer.#digest = digest;
      return writer;
    } catch (error) {
      stop();
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  status(): Status {
    return { ...this.#status };
  }

  digest(): string {
    return this.#digest;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#operations.run(async () => {
      this.#requireOpen();
      for (let at = 0; at < bytes.length; at += messageBytes) {
        const piece = bytes.subarray(at, at + messageBytes);
        const data = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
        await this.#move({ action: 'WRITE', offset: this.#status.offset, data }, this.#status.offset + data.length);
      }
    });
  }

  truncate(): Promise<void> {
    return this.#operations.run(async () => {
      this.#requireOpen();
      // A write at the start, where something has been written, drops that.
      if (this.#status.offset > 0) await this.#move({ action: 'WRITE', offset: 0 }, 0);
    });
  }

  commit(options: CommitOptions = {}): Promise<void> {
    return this.#operations.run(async () => {
      this.#requireOpen();
      const { sizeBytes = 0, register } = options;
      const { offset } = this.#status;
      try {
        if (sizeBytes > 0 && sizeBytes !== offset) {
          throw failedPrecondition(`unexpected commit size ${offset}, expected ${sizeBytes}`);
        }
        const existing = await this.#commit(options);
        await register?.();
        if (existing !== undefined) throw existing;
      } catch (error) {
        // Nobody knows how far a commit got whose answer did not come, or of what the record was to be.
        if (!isKind(error, 'already-exists') && !isKind(error, 'failed-precondition')) this.#deps.onLeftover();
        throw error;
      } finally {
        await this.#end();
      }
    });
  }

  close(): Promise<void> {
    return this.#operations.run(() => this.#end());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Undefined if the blob is new, else that it is not. */
  async #commit({ expected = '', sizeBytes = 0 }: CommitOptions): Promise<GantryError | undefined> {
    const { offset } = this.#status;
    const labels = { [rootLabel]: rfc3339FromTimestamp(timestampFromNs(this.#deps.clock.now())) };
    try {
      const { digest } = await this.#ask({ action: 'COMMIT', total: sizeBytes, expected, offset, labels });
      if (digest !== '') this.#digest = digest;
      return undefined;
    } catch (error) {
      if (error instanceof GantryError && error.kind === 'already-exists') return error;
      throw error;
    }
  }

  async #move(request: Request, offset: number): Promise<void> {
    const answer = await this.#ask(request);
    if (answer.offset !== offset) {
      throw new GantryError('data-loss', `ref ${this.#status.ref} is at ${answer.offset} instead of ${offset}`);
    }
    this.#digest = answer.digest;
    this.#status = { ...this.#status, offset, updatedAt: timestampFromNs(this.#deps.clock.now()) };
  }

  async #ask(request: Request): Promise<WriteContentResponse> {
    const { connection } = this.#deps;
    this.#requests.push(request);
    const { value } = await connection.answer(this.#responses.next());
    if (value !== undefined) return value;
    throw new GantryError('unavailable', `proxy plugin "${connection.name}" ended the write of ${this.#status.ref}`);
  }

  #requireOpen(): void {
    if (this.#closed) throw failedPrecondition(`writer of ref ${this.#status.ref} is closed`);
  }

  /** Waits until the other side has let go of the ref, so that the next writer finds it free. */
  async #end(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#requests.end();
    const timer = setTimeout(() => this.#stop.abort(), closeTimeoutMs);
    try {
      await this.#responses.next();
    } catch {
      // Whatever ended the call has let go as well.
    } finally {
      clearTimeout(timer);
      this.#deps.release();
    }
  }
}
