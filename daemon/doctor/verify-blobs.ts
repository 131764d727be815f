import { open } from 'node:fs/promises';
import { isKind } from '../../base/errors.ts';
import { digestOfFile } from '../content/digester.ts';
import { setAsideBlob } from '../metadata/damage-blob.ts';
import type { Suspect } from './suspect.ts';
import type { Blobs, World } from './world.ts';

/**
 * After a damage of the database nothing is taken on trust: reads all blobs, in the background, and sets aside those that
 * are not what they say.
 */
export async function setAsideDamagedBlobs(
  world: Pick<World, 'database' | 'sys' | 'log'> & {
    readonly blobs: Blobs;
    readonly paths: Pick<World['paths'], 'damaged'>;
  },
  signal: AbortSignal,
): Promise<void> {
  let count = 0;
  for await (const { digest } of world.blobs.list()) {
    if (signal.aborted) return;
    const actual = await digestOnDisk(world, digest, signal);
    if (actual === undefined || actual === digest) continue;
    const options = { damaged: world.paths.damaged, acknowledged: false };
    await setAsideBlob(world.database, { digest, path: world.blobs.blobPath(digest) }, options);
    world.log.error({ digest, actual }, 'blob has other bytes than its name says, set aside');
    count++;
  }
  world.log.info({ damaged: count }, 'all blobs are read and compared with their digests');
}

/** Blobs whose bytes are not what their name says. */
export async function* verifyBlobs(world: World, signal: AbortSignal): AsyncGenerator<Suspect> {
  const { blobs, sys } = world;
  if (blobs === undefined) return;
  for await (const { digest } of blobs.list()) {
    signal.throwIfAborted();
    const actual = await digestOnDisk({ blobs, sys }, digest, signal);
    if (actual !== undefined && actual !== digest) yield damagedBlob(world, blobs.blobPath(digest), digest);
  }
}

function damagedBlob(world: World, path: string, digest: string): Suspect {
  const options = { damaged: world.paths.damaged, acknowledged: true };
  return {
    kind: 'blob-damaged',
    what: `blob ${digest} has other bytes than its name says`,
    path,
    advice: 'gantry doctor --repair --verify sets it aside, so that it can be pulled again',
    measured: true,
    repair: () => setAsideBlob(world.database, { digest, path }, options),
  };
}

/** Undefined for a blob that is deleted meanwhile. */
async function digestOnDisk(
  world: Pick<World, 'sys'> & { readonly blobs: Blobs },
  digest: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = world.blobs.blobPath(digest);
  try {
    if (digest.startsWith('sha256:')) return (await world.sys.hashFile(path, { signal })).digest;
    await using file = await open(path, 'r');
    return await digestOfFile(file, (await file.stat()).size, digest.slice(0, digest.indexOf(':')));
  } catch (error) {
    if (isKind(error, 'not-found') || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
