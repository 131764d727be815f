import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseLogUri } from './uri.ts';

const defaultDataFolder = '/var/lib/gantry/cli';

/** The file names of a log: the one that is written, older ones, and one that is about to become the newest. */
const logName = /^(.+)\.log(?:\.\d+|\.new)?$/;

/** A daemon and a namespace of it. */
interface Place {
  readonly address: string;
  readonly namespace: string;
}

/** Folder of what this program keeps on disk itself. */
export function dataFolder(): string {
  return resolve(process.env['GANTRY_DATA'] ?? defaultDataFolder);
}

/**
 * Where a detached container's output goes. The path follows from the daemon, the namespace and the id alone, so the log
 * of a container is found also while the daemon does not answer.
 */
export function logPathOf({ address, namespace }: Place, id: string): string {
  return join(dataFolder(), 'logs', hash(resolve(address)).slice(0, 12), namespace, `${id}.log`);
}

/** Where a detached container can be attached to; short, as the path of a socket has to be. */
export function attachPathOf({ address, namespace }: Place, id: string): string {
  return join(dirname(resolve(address)), 'attach', hash(`${namespace}/${id}`).slice(0, 16));
}

/** The id of the container whose log has a file of that name; undefined for any other name. */
export function idOfLogFile(name: string): string | undefined {
  return logName.exec(name)?.[1];
}

/** Makes an empty log that only its owner can read, without what is left of an older one. */
export async function createLog(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  for (const file of await filesOf(path)) await rm(file, { force: true });
  const file = await open(path, 'w', 0o600);
  await file.close();
}

/** Removes a log with its older files and its attach socket, but only one of ours. */
export async function removeLog(uri: string | undefined): Promise<void> {
  const log = uri === undefined ? undefined : parseLogUri(uri);
  if (log === undefined || relative(join(dataFolder(), 'logs'), log.path).startsWith('..')) return;
  for (const file of await filesOf(log.path)) await rm(file, { force: true });
  // The shim removes it itself, unless it was killed.
  if (log.attachPath !== undefined && basename(dirname(log.attachPath)) === 'attach') {
    await rm(log.attachPath, { force: true });
  }
}

async function filesOf(path: string): Promise<string[]> {
  const id = idOfLogFile(basename(path));
  const names = await readdir(dirname(path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => id !== undefined && idOfLogFile(name) === id).map((name) => join(dirname(path), name));
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
