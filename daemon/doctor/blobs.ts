import { stat } from 'node:fs/promises';
import { failedPrecondition } from '../../base/errors.ts';
import { blobTable, ingestTable, namespaceTable } from '../metadata/schema.ts';
import type { Reader } from '../metadata/transaction.ts';
import type { Suspect } from './suspect.ts';
import type { Blobs, World } from './world.ts';

/** Blobs on disk that no namespace has, and records of blobs that are not on disk. */
export async function* examineBlobs(world: World): AsyncGenerator<Suspect> {
  const { blobs } = world;
  if (blobs === undefined) return;
  const onDisk = new Set<string>();
  for await (const { digest } of blobs.list()) onDisk.add(digest);
  const recorded = new Set<string>();
  for await (const { key } of world.database.list(blobTable, [])) {
    const [namespace = '', digest = ''] = key;
    recorded.add(digest);
    if (!onDisk.has(digest)) yield missingBlob(world, blobs, namespace, digest);
  }
  for (const digest of onDisk) {
    if (!recorded.has(digest)) yield unreferencedBlob(world, blobs, digest);
  }
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

function missingBlob(world: World, blobs: Blobs, namespace: string, digest: string): Suspect {
  return {
    kind: 'blob-record-without-blob',
    what: `blob ${digest} of namespace ${namespace} is not on disk`,
    path: blobs.blobPath(digest),
    advice: 'gantry doctor --repair forgets it, so that it can be pulled again',
    repair: async () => {
      await world.database.update(async (tx) => {
        const isBack = await stat(blobs.blobPath(digest)).then(
          () => true,
          () => false,
        );
        if (!isBack) tx.delete(blobTable, [namespace, digest]);
      });
    },
  };
}
