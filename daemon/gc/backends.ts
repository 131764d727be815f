import { messageOf } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import type { Logger } from '../../base/logger.ts';

/** Blobs deleted in one go. */
const batchSize = 500;
/** Batches under way at once, each on a thread of its own. */
const batchesAtOnce = 4;

/** The bytes of blobs and ingests: `content/store.ts`. */
export interface ContentStorage {
  digests(): AsyncIterable<string>;
  deleteUnused(digests: readonly string[], isUsed: (digest: string) => boolean): Promise<number>;
  removeStaleIngests(knownRefs: () => Iterable<string>): Promise<number>;
  /** True while a writer has the ingest open. */
  isOpen(backendRef: string): boolean;
  /** True, once, if a blob was stored whose record then could not be. */
  takeLeftovers(): boolean;
}

/** The snapshots of all namespaces: `metadata/snapshots.ts`. */
export interface SnapshotStorage {
  /** True if something was left that could not be removed at its time. */
  readonly hasLeftovers: boolean;
  /** Removes what no namespace has metadata of. */
  prune(): Promise<number>;
  /** Resolves when the space of what is removed is free. */
  cleanup(): Promise<void>;
}

/** What is mounted for clients: `services/mounts.ts`. */
export interface MountStorage {
  /** True if something could not be unmounted at its time. */
  readonly hasLeftovers: boolean;
  /** Unmounts what no record names. */
  unmountUnknown(): Promise<void>;
}

/** What the records that are left name in the content store. */
export interface StoredContent {
  usesBlob(digest: string): boolean;
  readonly ingestRefs: Iterable<string>;
}

/** Numbers of what was deleted from disk. */
export interface CleanedContent {
  readonly blobs: number;
  readonly ingests: number;
  /** Blobs without a record that somebody wants to give one. */
  readonly held: number;
}

/**
 * Deletes blobs and ingests that no record names; resolves with their numbers.
 * @param stored asked again before each deletion, so that it can take in what was written meanwhile
 */
export async function cleanContent(
  content: ContentStorage,
  stored: () => StoredContent,
  signal: AbortSignal,
): Promise<CleanedContent> {
  let [blobs, held] = [0, 0];
  const isUsed = (digest: string) => stored().usesBlob(digest);
  const batches = inBatches(unusedBlobs(content, isUsed));
  const worker = async () => {
    for await (const batch of batches) {
      signal.throwIfAborted();
      const gone = await content.deleteUnused(batch, isUsed);
      blobs += gone;
      held += batch.length - gone;
      await failpoint('gc.blob.deleted');
    }
  };
  await Promise.all(Array.from({ length: batchesAtOnce }, worker));
  const ingests = await content.removeStaleIngests(() => stored().ingestRefs);
  return { blobs, ingests, held };
}

async function* unusedBlobs(content: ContentStorage, isUsed: (digest: string) => boolean): AsyncGenerator<string> {
  for await (const digest of content.digests()) if (!isUsed(digest)) yield digest;
}

async function* inBatches(items: AsyncIterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const item of items) {
    if (batch.push(item) < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Removes and frees what no record names; false if that failed and has to be tried again. */
export async function cleanSnapshots(name: string, snapshots: SnapshotStorage, logger: Logger): Promise<boolean> {
  try {
    await snapshots.prune();
    await snapshots.cleanup();
    return true;
  } catch (error) {
    logger.warn({ snapshotter: name, error: messageOf(error) }, 'snapshotter could not be cleaned');
    return false;
  }
}
