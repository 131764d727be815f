import { open, rename, rm, stat, statfs } from 'node:fs/promises';

/** Enough to open the database again and to take a great many deletions. */
const reserveBytes = 24 * 1024 * 1024;
/** Where less than this many times the reserve is free, keeping one would do more harm than good. */
const roomFactor = 4;
const chunk = Buffer.alloc(1024 * 1024);

/** Space that is kept back so that things can still be deleted when the disk is full. */
const reserveOf = (directory: string) => `${directory}.reserve`;

/**
 * Makes the reserve beside a database directory, unless it is there or the disk has little room. Never fails: one more
 * thing that does not fit is what it is for.
 */
export async function makeReserve(directory: string): Promise<void> {
  const path = reserveOf(directory);
  try {
    const { bavail, bsize } = await statfs(directory);
    if (bavail * bsize < reserveBytes * roomFactor || (await exists(path))) return;
    await writeBytes(`${path}.new`);
    await rename(`${path}.new`, path);
  } catch {
    await rm(`${path}.new`, { force: true }).catch(() => undefined);
  }
}

async function writeBytes(path: string): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  // Real bytes: a hole would reserve nothing.
  for (let at = 0; at < reserveBytes; at += chunk.length) await file.write(chunk, 0, chunk.length, at);
  await file.sync();
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Gives the reserve back to the disk. @returns false if there was none */
export async function releaseReserve(directory: string): Promise<boolean> {
  const path = reserveOf(directory);
  if (!(await exists(path))) return false;
  await rm(path, { force: true });
  return true;
}
