import { type FileHandle, open } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import { parseDigest } from '../../base/digest.ts';
import { failedPrecondition } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { Mutex } from '../../base/mutex.ts';
import { type Timestamp, timestampFromNs } from '../../proto/timestamp.ts';
import type { CommitOptions, ContentWriter, Status } from './content.ts';
import { digestOfFile, type Hasher, readChunks } from './digester.ts';
import type { IngestDirectory } from './ingest.ts';

export interface BlobWriterDeps {
  readonly clock: Clock;
  readonly createHasher: () => Hasher;
  /** Makes a blob of the finished, synced ingest. @throws GantryError already-exists if there is one */
  readonly publish: (ingest: IngestDirectory, digest: string, register?: () => Promise<void>) => Promise<void>;
  /** Lets others write to the ref. */
  readonly release: () => void;
}

/** Writes the data file of one ingest and hashes on the way, both off the event loop. */
export class BlobWriter implements ContentWriter {
  readonly #deps: BlobWriterDeps;
  readonly #ingest: IngestDirectory;
  readonly #operations = new Mutex();
  #file: FileHandle | undefined;
  #hasher: Hasher;
  #status: Status;
  #digest: string | undefined;

  private constructor(deps: BlobWriterDeps, ingest: IngestDirectory, file: FileHandle, hasher: Hasher, status: Status) {
    this.#deps = deps;
    this.#ingest = ingest;
    this.#file = file;
    this.#hasher = hasher;
    this.#status = status;
  }

  /** Opens an ingest where it was left: a hash cannot be stored half-way, so what is there is hashed again. */
  static async open(
    deps: BlobWriterDeps,
    ingest: IngestDirectory,
    status: Status,
    options: { readonly signal: AbortSignal | undefined },
  ): Promise<BlobWriter> {
    await ingest.unlinkFromBlob();
    const file = await open(ingest.dataPath, 'r+');
    try {
      const hasher = deps.createHasher();
      for await (const chunk of readChunks(file, 0, status.offset)) {
        options.signal?.throwIfAborted();
        await hasher.update(chunk);
      }
      return new BlobWriter(deps, ingest, file, hasher, status);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  status(): Status {
    return { ...this.#status };
  }

  get dataPath(): string {
    return this.#ingest.dataPath;
  }

  digest(): string {
    this.#digest ??= this.#hasher.digest();
    return this.#digest;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#operations.run(async () => {
      const file = this.#openFile();
      const { offset } = this.#status;
      try {
        await this.#hasher.write(file.fd, bytes, offset);
      } catch (error) {
        // The disk may have taken a part; what follows must not find it there.
        await file.truncate(offset).catch(() => undefined);
        throw error;
      }
      await failpoint('content.write.written');
      this.#moveTo(offset + bytes.length);
    });
  }

  truncate(): Promise<void> {
    return this.#operations.run(async () => {
      await this.#openFile().truncate(0);
      this.#hasher = this.#deps.createHasher();
      this.#moveTo(0);
    });
  }

  commit(options: CommitOptions = {}): Promise<void> {
    return this.#operations.run(async () => {
      const file = this.#openFile();
      this.#file = undefined;
      try {
        await this.#seal(file, options);
        await this.#deps.publish(this.#ingest, this.digest(), options.register);
      } finally {
        await file.close();
        this.#deps.release();
      }
    });
  }

  close(): Promise<void> {
    return this.#operations.run(async () => {
      const file = this.#file;
      if (file === undefined) return;
      this.#file = undefined;
      try {
        await file.close();
        // An aborted ingest has no directory any more, and nothing to note.
        await this.#ingest.touch(this.#status.updatedAt as Timestamp).catch(() => undefined);
      } finally {
        this.#deps.release();
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Checks what was written against what was promised, and puts it on disk, read-only. */
  async #seal(file: FileHandle, { sizeBytes = 0, expected = '' }: CommitOptions): Promise<void> {
    const { size } = await file.stat();
    if (sizeBytes > 0 && sizeBytes !== size) {
      throw failedPrecondition(`unexpected commit size ${size}, expected ${sizeBytes}`);
    }
    if (expected !== '') {
      const { algorithm } = parseDigest(expected);
      if (algorithm !== 'sha256') this.#digest = await digestOfFile(file, size, algorithm);
      if (this.digest() !== expected) {
        throw failedPrecondition(`unexpected commit digest ${this.digest()}, expected ${expected}`);
      }
    }
    const now = Number(this.#deps.clock.now() / 1_000n) / 1e6;
    await file.utimes(now, now);
    await file.chmod(0o444);
    await failpoint('content.commit.checked');
    await file.sync();
    await failpoint('content.commit.synced');
  }

  #openFile(): FileHandle {
    if (this.#file === undefined) throw failedPrecondition(`writer of ref ${this.#status.ref} is closed`);
    return this.#file;
  }

  #moveTo(offset: number): void {
    this.#digest = undefined;
    this.#status = { ...this.#status, offset, updatedAt: timestampFromNs(this.#deps.clock.now()) };
  }
}
