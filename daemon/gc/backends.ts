import { messageOf } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import type { Logger } from '../../base/logger.ts';
import type { Graph } from './graph.ts';
import { type NodeId, partsOfNode } from './node.ts';

/** Blobs deleted at the same time. */
const deletionsAtOnce = 8;

/** The bytes of blobs and ingests: `content/store.ts`. */
export interface ContentStorage {
  digests(): AsyncIterable<string>;
  deleteUnused(digest: string, isUsed: () => boolean): Promise<boolean>;
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

/** What the records that are left name in the content store. */
export class StoredContent {
  readonly #digests = new Set<string>();
  readonly #refs = new Set<string>();

  /** Adds what a resource names, if it is content. */
  add(graph: Graph, node: NodeId): void {
    const ingest = graph.ingestOf(node);
    if (ingest !== undefined) {
      this.#refs.add(ingest.backendRef);
      if (ingest.sharedDigest !== undefined) this.#digests.add(ingest.sharedDigest);
    }
    const { type, key } = partsOfNode(node);
    if (type === 'content') this.#digests.add(key);
  }

  hasBlob(digest: string): boolean {
    return this.#digests.has(digest);
  }

  get ingestRefs(): Iterable<string> {
    return this.#refs;
  }
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
  const unused = unusedBlobs(content, stored);
  const worker = async () => {
    for await (const digest of unused) {
      signal.throwIfAborted();
      const isDeleted = await content.deleteUnused(digest, () => stored().hasBlob(digest));
      if (isDeleted) blobs += 1;
      else held += 1;
      await failpoint('gc.blob.deleted');
    }
  };
  await Promise.all(Array.from({ length: deletionsAtOnce }, worker));
  const ingests = await content.removeStaleIngests(() => stored().ingestRefs);
  return { blobs, ingests, held };
}

async function* unusedBlobs(content: ContentStorage, stored: () => StoredContent): AsyncGenerator<string> {
  for await (const digest of content.digests()) if (!stored().hasBlob(digest)) yield digest;
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
