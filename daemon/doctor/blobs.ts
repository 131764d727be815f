import { failedPrecondition, GantryError, isKind } from '../../base/errors.ts';
import { blobTable, ingestTable, namespaceTable } from '../metadata/schema.ts';
import type { Reader } from '../metadata/transaction.ts';
import type { Suspect } from './suspect.ts';
import type { Blobs, World } from './world.ts';

/**
 * Records of blobs that the store does not have, and blobs on disk that no namespace has. What a store in a process of its
 * own has without a record is left to the collection.
 */
export async function* examineBlobs(world: World): AsyncGenerator<Suspect> {
  const stored = await storedDigests(world);
  if (stored instanceof GantryError) {
    yield unreachable(stored);
    return;
  }
  const recorded = new Set<string>();
  for await (const { key } of world.database.list(blobTable, [])) {
    const [namespace = '', digest = ''] = key;
    recorded.add(digest);
    if (!stored.has(digest)) yield missingBlob(world, namespace, digest);
  }
  const { blobs } = world;
  if (blobs === undefined) return;
  for (const digest of stored) {
    if (!recorded.has(digest)) yield unreferencedBlob(world, blobs, digest);
  }
}

/** Why the store cannot be asked, if that is so. */
async function storedDigests({ content }: World): Promise<ReadonlySet<string> | GantryError> {
  const digests = new Set<string>();
  try {
    for await (const { digest } of content.list()) digests.add(digest);
    return digests;
  } catch (error) {
    const isAway = isKind(error, 'unavailable') || isKind(error, 'deadline-exceeded');
    if (error instanceof GantryError && isAway) return error;
    throw error;
  }
}

function unreachable(error: GantryError): Suspect {
  return {
    kind: 'content-store-unreachable',
    what: 'blobs are not looked at, for their store does not answer',
    path: '',
    advice: error.message,
    repair: async () => {
      throw error;
    },
  };
}

function unreferencedBlob(world: World, blobs: Blobs, digest: string): Suspect {
  return {
    kind: 'blob-unreferenced',
    what: `blob ${digest} is in no namespace`,
    path: blobs.blobPath(digest),
    advice: 'the next collection removes it, gantry prune does so now',
    measured: true,
    repair: () => deleteUnreferenced(world, blobs, digest),
  };
}

/** Within a transaction, as that is where others claim a blob that is on disk already. */
async function deleteUnreferenced(world: World, blobs: Blobs, digest: string): Promise<void> {
  await world.database.update(async (tx) => {
    const isUsed = await isClaimed(tx, digest);
    const gone = await blobs.deleteUnused([digest], () => isUsed);
    if (gone === 0) throw failedPrecondition(`blob ${digest} is in use again`);
  });
}

async function isClaimed(reader: Reader, digest: string): Promise<boolean> {
  for await (const { key } of reader.list(namespaceTable, [])) {
    if ((await reader.get(blobTable, [key[0] ?? '', digest])) !== undefined) return true;
  }
  for await (const { value } of reader.list(ingestTable, [])) if (value.sharedDigest === digest) return true;
  return false;
}

function missingBlob(world: World, namespace: string, digest: string): Suspect {
  return {
    kind: 'blob-record-without-blob',
    what: `blob ${digest} of namespace ${namespace} is not on disk`,
    path: world.blobs?.blobPath(digest) ?? '',
    advice: 'gantry doctor --repair forgets it, so that it can be pulled again',
    repair: async () => {
      // Within a transaction: one that comes back meanwhile is recorded behind it.
      await world.database.update(async (tx) => {
        if (await isMissing(world, digest)) tx.delete(blobTable, [namespace, digest]);
      });
    },
  };
}

async function isMissing({ content }: World, digest: string): Promise<boolean> {
  try {
    await content.info(digest);
    return false;
  } catch (error) {
    if (isKind(error, 'not-found')) return true;
    throw error;
  }
}
