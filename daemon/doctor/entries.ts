import { readdir } from 'node:fs/promises';

/** Names in a directory; none if it is not there. */
export async function namesIn(path: string): Promise<string[]> {
  return readdir(path).catch(noneIfMissing);
}

/** Names of the directories in a directory; none if it is not there. */
export async function directoriesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(noneIfMissing);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function noneIfMissing(error: unknown): never[] {
  const { code } = error as NodeJS.ErrnoException;
  // ENODEV: a cgroup that was removed while it was read.
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENODEV') return [];
  throw error;
}
