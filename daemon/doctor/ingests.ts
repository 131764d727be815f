import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { failedPrecondition } from '../../base/errors.ts';
import { ingestTable } from '../metadata/schema.ts';
import type { Reader } from '../metadata/transaction.ts';
import { directoriesIn } from './entries.ts';
import type { Suspect } from './suspect.ts';
import type { World } from './world.ts';

/** Ingests on disk that no namespace knows, and records of ingests that have nothing on disk. */
export async function* examineIngests(world: World): AsyncGenerator<Suspect> {
  if (world.blobs === undefined) return;
  const root = join(world.paths.content, 'ingest');
  const onDisk = new Set(await directoriesIn(root));
  const recorded = new Set<string>();
  for await (const { key, value } of world.database.list(ingestTable, [])) {
    const [namespace = '', ref = ''] = key;
    const name = directoryOf(value.backendRef);
    recorded.add(name);
    // One that only claims a shared blob has nothing of its own until it is written to.
    if (value.sharedDigest === undefined && !onDisk.has(name)) yield withoutData(world, namespace, ref, name);
  }
  for (const name of onDisk) if (!recorded.has(name)) yield withoutRecord(world, join(root, name), name);
}

function withoutData(world: World, namespace: string, ref: string, name: string): Suspect {
  return {
    kind: 'ingest-record-without-data',
    what: `ingest "${ref}" of namespace ${namespace} has nothing on disk`,
    path: '',
    advice: 'gantry doctor --repair forgets it',
    repair: async () => {
      await world.database.update(async (tx) => {
        const record = await tx.get(ingestTable, [namespace, ref]);
        const isOnDisk = (await directoriesIn(join(world.paths.content, 'ingest'))).includes(name);
        if (record !== undefined && !isOnDisk) tx.delete(ingestTable, [namespace, ref]);
      });
    },
  };
}

function withoutRecord(world: World, path: string, name: string): Suspect {
  return {
    kind: 'ingest-without-record',
    what: `ingest ${name} belongs to no namespace`,
    path,
    advice: 'gantry prune removes it',
    measured: true,
    repair: async () => {
      await world.database.update(async (tx) => {
        if (await isRecorded(tx, name)) throw failedPrecondition(`ingest ${name} is in use again`);
        await world.sys.removeTree(path);
      });
    },
  };
}

async function isRecorded(reader: Reader, name: string): Promise<boolean> {
  for await (const { value } of reader.list(ingestTable, [])) if (directoryOf(value.backendRef) === name) return true;
  return false;
}

/** As the content store names the directories of ingests. */
function directoryOf(backendRef: string): string {
  return createHash('sha256').update(backendRef).digest('hex');
}
