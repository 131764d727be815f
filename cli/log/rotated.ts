import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { GantryError } from '../../base/errors.ts';
import { LogFile } from './log-file.ts';

const pollMs = 50;
/** The writer may be a moment behind the end of the process. */
const settleMs = 200;
const snapshotTries = 200;
const snapshotPauseMs = 5;

export interface ReadOptions {
  /** Goes on as the log grows until a moment after this has settled. */
  readonly until?: Promise<unknown> | undefined;
  /** Begins with the last so many lines. */
  readonly tail?: number | undefined;
}

/**
 * The lines of a log that is rotated (path.1 is older than path) while it is read: each once, in order. Only files that
 * were removed before their turn, because the writer is that much faster, are missed.
 */
export async function* readRotated(path: string, { until, tail }: ReadOptions = {}): AsyncGenerator<Buffer[]> {
  const over = until?.then(
    () => true,
    () => true,
  );
  // Open are those in the queue.
  let queue = await openAll(path);
  try {
    if (tail !== undefined) queue = await skipTo(queue, tail);
    let isOver = over === undefined;
    for (;;) {
      // All but the newest are complete.
      while (queue.length > 1) {
        yield* (queue[0] as LogFile).lines();
        await queue.shift()?.close();
      }
      const [current] = queue;
      if (current === undefined) return;
      yield* current.lines();
      const newer = await openNewer(path, current);
      if (newer.length > 0) {
        // Nothing is written to a file once there is a newer one, so this is the end of it.
        yield* current.lines();
        await current.close();
        queue = newer;
      } else if (isOver) {
        return;
      } else if (await Promise.race([over, sleep(pollMs, false)])) {
        await sleep(settleMs);
        isOver = true;
      }
    }
  } finally {
    for (const file of queue) await file.close();
  }
}

/** All files of a log, the oldest first, as they were at one moment. */
async function openAll(path: string): Promise<LogFile[]> {
  for (let tries = 0; tries < snapshotTries; tries += 1) {
    const files: LogFile[] = [];
    for (;;) {
      const file = await openIfThere(files.length === 0 ? path : `${path}.${files.length}`);
      if (file === undefined) break;
      files.push(file);
    }
    // As the first is still the newest, none was renamed meanwhile.
    const [newest] = files;
    if (newest !== undefined && (await inodeOf(path)) === newest.inode) return files.reverse();
    for (const file of files) await file.close();
    await sleep(snapshotPauseMs);
  }
  throw new GantryError('unavailable', `log ${path} is gone or is rotated too fast to be read`);
}

/** The files that came after `current`. */
async function openNewer(path: string, current: LogFile): Promise<LogFile[]> {
  const inode = await inodeOf(path);
  // Between two names there is no file for a moment.
  if (inode === undefined || inode === current.inode) return [];
  const files = await openAll(path);
  const index = files.findIndex((file) => file.inode === current.inode);
  const known = files.slice(0, index + 1);
  for (const file of known) await file.close();
  return files.slice(index + 1);
}

/** Leaves out the files before the last `tail` lines, and the lines before them in the first that is left. */
async function skipTo(files: LogFile[], tail: number): Promise<LogFile[]> {
  let missing = tail;
  for (let index = files.length - 1; index >= 0; index -= 1) {
    missing = (await files[index]?.seekLines(missing)) ?? 0;
    if (missing === 0) {
      for (const file of files.splice(0, index)) await file.close();
      break;
    }
  }
  return files;
}

async function inodeOf(path: string): Promise<bigint | undefined> {
  return stat(path, { bigint: true }).then(
    ({ ino }) => ino,
    () => undefined,
  );
}

async function openIfThere(path: string): Promise<LogFile | undefined> {
  return LogFile.open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
