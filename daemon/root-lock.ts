import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failedPrecondition, isKind } from '../base/errors.ts';
import { type FileLock, sys } from '../native/sys.ts';

/**
 * Keeps a second daemon away from a root directory. The lock ends with the process, however that ends; the file names
 * the holder.
 * @throws GantryError failed-precondition that names the process that holds it
 */
export async function lockRoot(root: string): Promise<FileLock> {
  const path = join(root, 'lock');
  try {
    const lock = await sys.lockFile(path);
    await writeFile(path, `${process.pid}\n`);
    return lock;
  } catch (error) {
    if (!isKind(error, 'failed-precondition')) throw error;
    const holder = (await readFile(path, 'utf8').catch(() => '')).trim();
    throw failedPrecondition(
      `root ${root} is in use by another gantryd (pid ${holder}): stop it or choose another root`,
    );
  }
}
