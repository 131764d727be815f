/**
 * What content is made of. A *blob* is immutable and named by its digest. An *ingest* is a blob that is still being
 * written, named by a *ref* its writer chose. One *writer* at a time holds a ref; when it lets go without committing, the
 * ingest stays and a later writer resumes it. Committing turns the ingest into a blob.
 *
 * The same interfaces are fulfilled by the store on disk (store.ts), which knows no namespaces, and, per namespace and
 * with labels, by the one over it (namespaced-content.ts).
 */
import type { Info, Status } from '../../proto/gen/api/services/content/v1/content.ts';

export type { Info, Status };

export interface WriterOptions {
  /** Names the ingest; any text but the empty one. */
  readonly ref: string;
  /** Size of the whole blob in bytes; 0 if unknown. */
  readonly total?: number;
  /** Digest the blob will have, if known. A writer is refused with already-exists when the blob is there. */
  readonly expected?: string;
  /** Gives up opening, which may have to read what is there; of no effect on the open writer. */
  readonly signal?: AbortSignal;
}

export interface CommitOptions {
  /** Size the blob has to have; 0 to take what is there. */
  readonly sizeBytes?: number;
  /** Digest the blob has to have; empty to take what comes out. */
  readonly expected?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Stores what makes the blob known. Called when its bytes are on disk, also if they were there before; the ingest goes
   * only when it has resolved, so that a crash leaves the one or the other.
   */
  readonly register?: () => Promise<void>;
}

/** Sole right to write one ingest. Operations run one after another, in the order they were called. */
export interface ContentWriter extends AsyncDisposable {
  status(): Status;
  /** The file that is written to, where the store has its ingests in files. */
  readonly dataPath?: string | undefined;
  /** Digest of everything written so far. */
  digest(): string;
  /** Appends. The bytes must not change until it resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** Starts over with nothing. */
  truncate(): Promise<void>;
  /**
   * Turns the ingest into a blob, on disk when it resolves, and closes the writer, also on failure. A wrong size or digest
   * is failed-precondition and leaves the ingest; already-exists drops it, for the blob is there.
   */
  commit(options?: CommitOptions): Promise<void>;
  /** Lets go of the ref, keeping what was written. */
  close(): Promise<void>;
}

/**
 * What native code can read a blob from: its file, or a descriptor, once and from the start to the end, or one of a file
 * that grows as the pipe `growthFd` tells.
 */
export type BlobSource =
  | { readonly path: string }
  | { readonly fd: number }
  | { readonly fd: number; readonly offsetBytes: number; readonly growthFd: number };

/** An open blob: it can be read to the end even if the blob is deleted meanwhile. */
export interface ContentReader extends AsyncDisposable {
  readonly sizeBytes: number;
  /** The bytes from `offset` on, at most `length`, in chunks of at most 1 MiB. */
  chunks(offset: number, length: number): AsyncIterable<Buffer>;
  close(): Promise<void>;
}
