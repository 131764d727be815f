import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode, type Messages } from '../../proto/codec.ts';

/** In a bundle, the container as it was when its task was made: what a daemon that has lost its database goes by. */
export const containerRecordName = 'container.pb';

/** The container of a bundle; undefined if the bundle does not tell. */
export async function readContainerRecord(
  bundlePath: string,
): Promise<Messages['containerd.services.containers.v1.Container'] | undefined> {
  try {
    return decode('containerd.services.containers.v1.Container', await readFile(join(bundlePath, containerRecordName)));
  } catch {
    // A file cut short by a power cut tells nothing either.
    return undefined;
  }
}
