import { createHash } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const defaultDataFolder = '/var/lib/gantry/cli';

/** Folder of what this program keeps on disk itself. */
export function dataFolder(): string {
  return resolve(process.env['GANTRY_DATA'] ?? defaultDataFolder);
}

/**
 * Where a detached container's output goes. The path follows from the daemon, the namespace and the id alone, so the log
 * of a container is found also while the daemon does not answer.
 */
export function logPathOf({ address, namespace }: { address: string; namespace: string }, id: string): string {
  const daemon = createHash('sha256').update(resolve(address)).digest('hex').slice(0, 12);
  return join(dataFolder(), 'logs', daemon, namespace, `${id}.log`);
}

/** The log URI by which a shim is told to write to a file. */
export function logUriOf(path: string): string {
  return pathToFileURL(path).href;
}

/** Makes an empty log that only its owner can read. */
export async function createLog(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'w', 0o600);
  await file.close();
}

/** The path of a log URI of the `file` kind, also of one that another client made. */
export function pathOfLogUri(uri: string): string | undefined {
  return uri.startsWith('file:///') ? fileURLToPath(uri) : undefined;
}

/** Removes a log, but only one of ours. */
export async function removeLog(uri: string | undefined): Promise<void> {
  const path = uri === undefined ? undefined : pathOfLogUri(uri);
  if (path === undefined || relative(join(dataFolder(), 'logs'), path).startsWith('..')) return;
  await rm(path, { force: true });
}
